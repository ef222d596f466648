import type { Action, Grant } from '../../lib/client/contract.ts';
import { parseAddress, UsageError } from './command.ts';
import { printable } from './format.ts';

export const grantOptions = {
  grant: { type: 'string', multiple: true },
  deny: { type: 'string', multiple: true },
} as const;

export const grantHelp = `  --grant ACTIONS:PLACE   what it may do where, any number of times: read, write, delete, list, admin or all, then
                        BUCKET/PREFIX, or '*' for every bucket
  --deny ACTIONS:PLACE    what it may not do, whatever allows it`;

const actions: readonly Action[] = ['read', 'write', 'delete', 'list', 'admin'];

/** What {@link grantOptions} give. */
export interface GrantValues {
  readonly grant?: string[] | undefined;
  readonly deny?: string[] | undefined;
}

/** `--grant` and `--deny` as grants. @throws {@link UsageError} */
export function parseGrants({ grant = [], deny = [] }: GrantValues): Grant[] {
  if (grant.length === 0)
    throw new UsageError("It needs a --grant, such as --grant 'read,write:files/mine/'.");
  return [
    ...grant.map(parseGrant),
    ...deny.map((text) => ({ ...parseGrant(text), effect: 'deny' as const })),
  ];
}

function parseGrant(text: string): Grant {
  const [, names = '', place = ''] = /^([a-z,]+):(.+)$/.exec(text) ?? [];
  const wanted = names === 'all' ? actions : actions.filter((action) => names.split(',').includes(action));
  if (place === '' || wanted.length === 0 || (names !== 'all' && wanted.length < names.split(',').length)) {
    throw new UsageError(`"${text}" is no ACTIONS:BUCKET/PREFIX, such as 'read,list:files/mine/'.`);
  }
  const { bucket, key: prefix } = parseAddress(place);
  return { bucket, prefix, actions: wanted };
}

/** `read,list:files/mine/`, as `--grant` takes it. */
export function describeGrant({ effect, bucket, prefix = '', actions }: Grant): string {
  return `${effect === 'deny' ? 'not ' : ''}${actions.join(',')}:${bucket}/${printable(prefix)}`;
}
