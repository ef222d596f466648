import type { Usage, UsageDay } from '../../lib/client/contract.ts';
import { type Action, type Command, parseOptions, UsageError } from './command.ts';
import { formatBytes, formatCount, printable } from './format.ts';

const help = `Usage: stowage usage
       stowage usage days BUCKET

Tells what your tenant takes of each bucket that has a quota; every tenant, if you are an admin without one. With days:
what came and went on each day (UTC).

days:
  --from DAY            the first day, such as 2026-11-01 (default: 29 days before the last)
  --to DAY              the last day (default: today)

Examples:
  stowage usage
  stowage usage days media --from 2026-11-01 --to 2026-11-30 --json
`;

export const usage: Command = {
  summary: 'what is stored, against the quotas, and day by day',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, { from: { type: 'string' }, to: { type: 'string' } });
    const [verb, bucket, ...rest] = positionals;
    const { from, to } = values;
    if (verb === undefined && from === undefined && to === undefined) return { values, action: now };
    if (verb !== 'days' || bucket === undefined || rest.length > 0) {
      throw new UsageError('usage wants nothing more, or days BUCKET.');
    }
    return { values, action: days(bucket, { from, to }) };
  },
};

const now: Action = async ({ client, output, signal }) => {
  for (const row of await client.usage({ signal })) output.result(row, lineOf(row));
};

function days(bucket: string, { from, to }: { from: string | undefined; to: string | undefined }): Action {
  return async ({ client, output, signal }) => {
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    for await (const day of client.usageDays(bucket, { ...range, signal }))
      output.result(day, lineOfDay(day));
  };
}

function lineOf({ tenant, bucket, bytes, objects, reservedBytes, maxBytes, maxObjects }: Usage): string {
  const limits = [
    ...(maxBytes === undefined ? [] : [formatBytes(maxBytes)]),
    ...(maxObjects === undefined ? [] : [formatCount(maxObjects, 'object')]),
  ];
  const taken = `${formatBytes(bytes)} in ${formatCount(objects, 'object')}`;
  const reserved = reservedBytes === 0 ? '' : `, ${formatBytes(reservedBytes)} reserved`;
  const most = limits.length === 0 ? '' : ` of ${limits.join(', ')}`;
  return `${bucket}  ${nameOf(tenant)}  ${taken}${reserved}${most}`;
}

function lineOfDay({
  day,
  tenant,
  addedBytes,
  addedObjects,
  removedBytes,
  removedObjects,
}: UsageDay): string {
  const added = `+${formatBytes(addedBytes)} in ${formatCount(addedObjects, 'object')}`;
  const removed = `-${formatBytes(removedBytes)} in ${formatCount(removedObjects, 'object')}`;
  return `${day}  ${nameOf(tenant)}  ${added}  ${removed}`;
}

function nameOf(tenant: string): string {
  return tenant === '' ? '(no tenant)' : printable(tenant);
}
