import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type Action,
  type Address,
  type Command,
  type Invocation,
  parseAddress,
  parseOptions,
  parseParallel,
  UsageError,
} from './command.ts';
import { putFile, type PutOptions } from './put-file.ts';

const help = `Usage: stowage put FILE… BUCKET/KEY

Uploads files straight to storage, large ones in parallel parts. With several files, or when KEY is missing or ends in
"/", each file's name is added. FILE may be - for standard input, which is first written to a temporary file, since
storage wants to know the size beforehand.

Ctrl-C stops and keeps what has arrived; the same command goes on from there, as long as the file is unchanged.

  --content-type TYPE   default: by the file's name
  --no-overwrite        fail when an object of this key is there already
  --parallel N          parts on their way at a time (default 4)

Examples:
  stowage put big.iso files/
  stowage put *.jpg media/2026/
  pg_dump app | stowage put - backups/app.sql
`;

export const put: Command = {
  summary: 'upload files',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, {
      'content-type': { type: 'string' },
      'no-overwrite': { type: 'boolean', default: false },
      parallel: { type: 'string', default: '4' },
    });
    const files = positionals.slice(0, -1);
    const target = positionals.at(-1);
    if (target === undefined || files.length === 0) throw new UsageError('put wants FILE and BUCKET/KEY.');
    const contentType = values['content-type'];
    const options: PutOptions = {
      parallelParts: parseParallel(values.parallel),
      ...(contentType !== undefined && { contentType }),
      ...(values['no-overwrite'] && { ifNoneMatch: '*' }),
    };
    const address = parseAddress(target);
    const isFolder = address.key === '' || address.key.endsWith('/');
    if (files.length > 1 && !isFolder) {
      throw new UsageError('With several files the key must end in "/".');
    }
    if (isFolder && files.includes('-'))
      throw new UsageError('Standard input has no name: write the whole key.');
    const action: Action = async (invocation) => {
      for (const file of files) {
        const key = isFolder ? address.key + basename(file) : address.key;
        await putOne(file, { bucket: address.bucket, key }, options, invocation);
      }
    };
    return { values, action };
  },
};

async function putOne(file: string, to: Address, options: PutOptions, invocation: Invocation): Promise<void> {
  if (file !== '-') return putFile({ path: file, name: file, isTemporary: false }, to, options, invocation);
  const folder = await mkdtemp(join(tmpdir(), 'stowage-'));
  try {
    const path = join(folder, basename(to.key));
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal: invocation.signal });
    await putFile({ path, name: file, isTemporary: true }, to, options, invocation);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
