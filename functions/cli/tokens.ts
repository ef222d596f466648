import { type Action, type Command, parseOptions, UsageError } from './command.ts';
import { parseDuration } from './format.ts';
import { grantHelp, grantOptions, type GrantValues, parseGrants } from './grants.ts';

const help = `Usage: stowage tokens create --grant ACTIONS:PLACE…
       stowage tokens revoke TOKEN-ID

Delegated tokens: a short-lived part of what you may do, for a browser, a mobile or a colleague.

Of create:
${grantHelp}
  --sub NAME            whom it is for, and what \${sub} in a prefix stands for
  --expires TIME        such as 90s, 15m or 12h (default: 15m; at most 12h)
  --once                good for one upload or one download: takes one --grant, of read or write

Examples:
  stowage tokens create --grant read,list:files/reports/ --expires 1h
  stowage tokens create --once --grant write:files/inbox/
`;

export const tokens: Command = {
  summary: 'make and revoke delegated tokens',
  help,
  parse([verb, ...args]) {
    const { values, positionals } = parseOptions(args, {
      ...grantOptions,
      sub: { type: 'string' },
      expires: { type: 'string' },
      once: { type: 'boolean', default: false },
    });
    const [tokenId, ...rest] = positionals;
    if (verb === 'revoke' && tokenId !== undefined && rest.length === 0) {
      return { values, action: revokeToken(tokenId) };
    }
    if (verb === 'create' && tokenId === undefined) return { values, action: createToken(values) };
    throw new UsageError('tokens wants create, or revoke and a TOKEN-ID.');
  },
};

function createToken(
  values: GrantValues & {
    readonly sub?: string | undefined;
    readonly expires?: string | undefined;
    readonly once: boolean;
  },
): Action {
  const { sub, expires, once } = values;
  const grants = parseGrants(values);
  const expiresInSeconds = expires === undefined ? undefined : parseDuration(expires);
  if (expires !== undefined && expiresInSeconds === undefined) {
    throw new UsageError(`--expires ${expires} is no time; write it like 90s, 15m or 12h.`);
  }
  return async ({ client, output }) => {
    const minted = await client.mintToken({
      grants,
      ...(sub !== undefined && { sub }),
      ...(expiresInSeconds !== undefined && { expiresInSeconds }),
      ...(once && { singleUse: true }),
    });
    output.result(minted, minted.token);
    output.note(`Works until ${minted.expiresAt}; revoke it by its id, ${minted.tokenId}.`);
  };
}

function revokeToken(tokenId: string): Action {
  return async ({ client, output }) => {
    await client.revokeToken(tokenId);
    output.result({ tokenId, revoked: true });
    output.note(`${tokenId} is revoked, with all that was made with it; everywhere within 30 seconds.`);
  };
}
