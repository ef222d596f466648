import type { ObjectEvent } from '../../lib/client/event-contract.ts';
import { type Command, parseAddress, parseOptions, UsageError } from './command.ts';
import { formatBytes, parseDuration, printable } from './format.ts';

const help = `Usage: stowage events tail BUCKET[/PREFIX]

Shows what happens to the objects of a bucket, as it happens, until Ctrl-C.

Options:
  --since DURATION      begin so long ago, such as 90s or 10m: at most 1h (default: now)

Examples:
  stowage events tail media/photos/ --since 10m
  stowage events tail media --json | jq -r .data.key
`;

export const events: Command = {
  summary: 'show what happens in a bucket, as it happens',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, { since: { type: 'string', default: '0' } });
    const [verb, place, ...rest] = positionals;
    if (verb !== 'tail' || place === undefined || rest.length > 0) {
      throw new UsageError('events wants tail BUCKET[/PREFIX].');
    }
    const { bucket, key: prefix } = parseAddress(place);
    const sinceSeconds = parseDuration(values.since);
    if (sinceSeconds === undefined || sinceSeconds > 3600) {
      throw new UsageError(
        '--since wants a time like 90s, 10m or 1h, and no longer: what was before is forgotten.',
      );
    }
    return {
      values,
      action: async ({ client, output, signal }) => {
        output.note(`What happens in ${place}; Ctrl-C ends it.`);
        try {
          for await (const event of client.events.follow({ bucket, prefix, sinceSeconds, signal })) {
            output.result(event, lineOf(event));
          }
        } catch (error) {
          // Ctrl-C is how it ends.
          if (!signal.aborted) throw error;
        }
      },
    };
  },
};

/** `2026-11-25T12:00:00Z  created                 1.5 KiB  photos/a.jpg` */
function lineOf({ type, timestamp, data: { key, sizeBytes } }: ObjectEvent): string {
  const size = sizeBytes === undefined ? '' : formatBytes(sizeBytes);
  const what = type.replace('object.', '').padEnd(21);
  return `${timestamp.slice(0, 19)}Z  ${what}  ${size.padStart(9)}  ${printable(key)}`;
}
