import type { Action, ApiKey, Grant } from '../../../lib/client/contract.ts';
import { formatTime } from '../ui/format.ts';

/** API keys in words. */

export const actions: readonly (readonly [action: Action, title: string])[] = [
  ['read', 'Read'],
  ['write', 'Write'],
  ['delete', 'Delete'],
  ['list', 'List'],
  ['admin', 'Administer'],
];

export function describeGrant({ effect, bucket, prefix = '', actions: granted }: Grant): string {
  const where = bucket === '*' ? 'every bucket' : `${bucket}/`;
  return `${effect === 'deny' ? 'May not' : 'May'} ${granted.join(', ')} in ${where}${prefix}`;
}

export function describeState({ enabled, expiresAt }: ApiKey): readonly [kind: string, title: string] {
  if (!enabled) return ['disabled', 'Disabled'];
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) return ['failed', 'Expired'];
  return ['active', 'Active'];
}

export function describeUse({ createdAt, createdBy, lastUsedAt, expiresAt }: ApiKey): string {
  return [
    lastUsedAt === undefined ? 'Never used' : `Last used ${formatTime(lastUsedAt)}`,
    `made ${formatTime(createdAt)} by ${createdBy.sub}`,
    ...(expiresAt === undefined ? [] : [`ends ${formatTime(expiresAt)}`]),
  ].join(', ');
}
