import { stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type Address,
  type Command,
  type Invocation,
  parseObjectAddress,
  parseOptions,
  parseParallel,
  UsageError,
} from './command.ts';
import { getFile } from './get-file.ts';
import { printable } from './format.ts';

const help = `Usage: stowage get BUCKET/KEY [FILE]

Downloads an object straight from storage, in parallel ranges. It appears under its name only when it is complete;
until then it is in a file beside it that ends in .stowage-part. FILE may be a folder, or - for standard output.
An object that is replaced meanwhile is noticed, never mixed.

Ctrl-C stops and keeps what has arrived; the same command goes on from there, as long as the object is unchanged.

  --parallel N          ranges on their way at a time (default 4)

Examples:
  stowage get files/big.iso
  stowage get backups/app.sql - | psql app
`;

export const get: Command = {
  summary: 'download an object',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, { parallel: { type: 'string', default: '4' } });
    const [place, file, ...rest] = positionals;
    if (place === undefined || rest.length > 0)
      throw new UsageError('get wants BUCKET/KEY and at most one FILE.');
    const address = parseObjectAddress(place);
    const parallelRanges = parseParallel(values.parallel);
    if (file === '-') {
      if (values.json) throw new UsageError('The object and --json both want standard output.');
      return { values, action: (invocation) => printObject(address, invocation) };
    }
    if (basename(address.key) === '') throw new UsageError('The key has no file name: write FILE.');
    return {
      values,
      action: async (invocation) => {
        const target = await targetOf(file, basename(address.key));
        await getFile(address, target, parallelRanges, invocation);
      },
    };
  },
};

async function targetOf(file: string | undefined, name: string): Promise<string> {
  if (file === undefined) return resolve(name);
  const isFolder = file.endsWith('/') || file.endsWith(sep) || (await isExistingFolder(file));
  return resolve(isFolder ? join(file, name) : file);
}

async function isExistingFolder(path: string): Promise<boolean> {
  const entry = await stat(path).catch(() => undefined);
  return entry?.isDirectory() ?? false;
}

async function printObject({ bucket, key }: Address, { client, output, signal }: Invocation): Promise<void> {
  const { sizeBytes, etag } = await client.object(bucket, key, { signal });
  using progress = output.openProgress(printable(key), sizeBytes);
  const pieces = client.download({ bucket, key, etag }).read({ start: 0, end: sizeBytes }, signal);
  async function* counted() {
    let printedBytes = 0;
    for await (const piece of pieces) {
      yield piece;
      printedBytes += piece.length;
      progress.update(printedBytes);
    }
  }
  await pipeline(Readable.from(counted()), process.stdout, { signal, end: false });
}
