import { type Command, parseObjectAddress, parseOptions, UsageError } from './command.ts';
import { parseDuration } from './format.ts';

const help = `Usage: stowage share BUCKET/KEY

Prints an address that gives the object to everyone who has it, until it expires.

  --expires TIME        such as 90s, 15m, 1h or 7d (default: the service's own, usually 15m; at most 7d)
  --filename NAME       the name under which browsers save it
  --inline              browsers show it instead of saving it

Example:
  stowage share files/report.pdf --expires 1h --inline
`;

const longestSeconds = 604_800;

export const share: Command = {
  summary: 'print an address that works without a key',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, {
      expires: { type: 'string' },
      filename: { type: 'string' },
      inline: { type: 'boolean', default: false },
    });
    const [place, ...rest] = positionals;
    if (place === undefined || rest.length > 0) throw new UsageError('share wants one BUCKET/KEY.');
    const { bucket, key } = parseObjectAddress(place);
    const { expires, filename } = values;
    const lifetime = expires === undefined ? {} : { expiresInSeconds: parseLifetime(expires) };
    const item = {
      bucket,
      key,
      disposition: values.inline ? ('inline' as const) : ('attachment' as const),
      ...(filename !== undefined && { filename }),
    };
    return {
      values,
      action: async ({ client, output, signal }) => {
        // Signing asks no storage, so it would sign for a key that is not there, too.
        await client.object(bucket, key, { signal });
        const signed = await client.share(item, { ...lifetime, signal });
        output.result(signed, signed.url);
        output.note(`Works until ${signed.expiresAt}.`);
      },
    };
  },
};

/** @throws {@link UsageError} */
function parseLifetime(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds >= 1 && seconds <= longestSeconds) return seconds;
  throw new UsageError(`--expires ${text} is no time from 1s to 7d; write it like 90s, 15m, 1h or 7d.`);
}
