import type { ApiKey } from '../../lib/client/contract.ts';
import { type Action, type Command, parseOptions, UsageError } from './command.ts';
import { parseDuration, printable } from './format.ts';
import { describeGrant, grantHelp, grantOptions, type GrantValues, parseGrants } from './grants.ts';

const help = `Usage: stowage keys list
       stowage keys create NAME --grant ACTIONS:PLACE…
       stowage keys rotate KEY-ID
       stowage keys disable | enable | rm KEY-ID

API keys, for servers. It takes admin on every bucket. A key's text is shown once, when it is made or rotated; with a key
that is disabled or deleted ends all that it has made.

Of create:
${grantHelp}
  --tenant TENANT       whose it is, and what \${tenant} in a prefix stands for
  --expires TIME        such as 12h or 90d (default: never)

Of rotate:
  --overlap TIME        how long the old text works, too, at most 1d (default: not at all)

Examples:
  stowage keys create ci --grant read,write:files/builds/ --expires 90d
  stowage keys rotate 0Q4tGm2xVbN1 --overlap 1h
`;

export const keys: Command = {
  summary: 'make, list, rotate, disable and delete API keys',
  help,
  parse([verb, ...args]) {
    const { values, positionals } = parseOptions(args, {
      ...grantOptions,
      tenant: { type: 'string' },
      expires: { type: 'string' },
      overlap: { type: 'string' },
    });
    const [operand, ...rest] = positionals;
    const actions: Readonly<Record<string, () => Action>> = {
      list: () => listKeys,
      create: () => createKey(demand(operand, 'create wants a NAME.'), values),
      rotate: () => rotateKey(demandId(operand), parseTime(values.overlap, '--overlap') ?? 0),
      disable: () => setEnabled(demandId(operand), false),
      enable: () => setEnabled(demandId(operand), true),
      rm: () => deleteKey(demandId(operand)),
    };
    const action = Object.hasOwn(actions, verb ?? '') ? actions[verb ?? ''] : undefined;
    if (!action) throw new UsageError(`keys wants one of: ${Object.keys(actions).join(', ')}.`);
    if (rest.length > 0 || (verb === 'list' && operand !== undefined)) {
      throw new UsageError(`"${rest[0] ?? operand}" is too much.`);
    }
    return { values, action: action() };
  },
};

const listKeys: Action = async ({ client, output }) => {
  for (const key of await client.keys.list()) output.result(key, describeKey(key));
};

function createKey(
  name: string,
  values: GrantValues & {
    readonly tenant?: string | undefined;
    readonly expires?: string | undefined;
  },
): Action {
  const grants = parseGrants(values);
  const { tenant } = values;
  const expiresInSeconds = parseTime(values.expires, '--expires');
  return async ({ client, output }) => {
    const made = await client.keys.create({
      name,
      grants,
      ...(tenant !== undefined && { tenant }),
      ...(expiresInSeconds !== undefined && { expiresInSeconds }),
    });
    output.result(made, made.key);
    output.note(`Made ${made.keyId}. Its text is shown this once: only its hash is kept.`);
  };
}

function rotateKey(keyId: string, overlapSeconds: number): Action {
  return async ({ client, output }) => {
    const rotated = await client.keys.rotate(keyId, overlapSeconds);
    output.result(rotated, rotated.key);
    const { previousUntil } = rotated;
    output.note(
      previousUntil === undefined
        ? 'The old text is refused from now on.'
        : `The old text works until ${previousUntil}.`,
    );
  };
}

function setEnabled(keyId: string, enabled: boolean): Action {
  return async ({ client, output }) => {
    output.result(await client.keys.setEnabled(keyId, enabled));
    output.note(enabled ? `${keyId} works again.` : `${keyId} is refused, with all that it has made.`);
  };
}

function deleteKey(keyId: string): Action {
  return async ({ client, output }) => {
    await client.keys.delete(keyId);
    output.result({ keyId, deleted: true });
    output.note(`${keyId} is deleted, with all that it has made.`);
  };
}

function describeKey({ keyId, name, tenant, enabled, grants, expiresAt, lastUsedAt }: ApiKey): string {
  return [
    keyId,
    (enabled ? 'enabled' : 'disabled').padEnd(8),
    `used ${dayOf(lastUsedAt)}`,
    `ends ${dayOf(expiresAt)}`,
    printable(tenant === undefined ? name : `${name} (${tenant})`),
    grants.map(describeGrant).join(' '),
  ].join('  ');
}

function dayOf(time: string | undefined): string {
  return (time?.slice(0, 10) ?? 'never').padEnd(10);
}

function demand(operand: string | undefined, complaint: string): string {
  if (operand === undefined || operand === '') throw new UsageError(complaint);
  return operand;
}

function demandId(operand: string | undefined): string {
  return demand(operand, 'Which key? Its id stands in stowage keys list.');
}

function parseTime(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new UsageError(`${option} ${text} is no time; write it like 90s, 15m, 12h or 90d.`);
}
