import type { Bucket, ListPage } from '../../lib/client/contract.ts';
import { type Action, type Command, parseAddress, parseOptions, UsageError } from './command.ts';
import { CommandError, exitCodes } from './failure.ts';
import { formatBytes, printable } from './format.ts';

const help = `Usage: stowage ls [BUCKET[/PREFIX]]

Lists the keys that begin with PREFIX, folder by folder; without an address the buckets.

  -r, --recursive       all keys, also those in folders
  -l, --long            sizes and dates, too

Examples:
  stowage ls
  stowage ls -l media/2026/
`;

export const ls: Command = {
  summary: 'list buckets or keys',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, {
      recursive: { type: 'boolean', short: 'r', default: false },
      long: { type: 'boolean', short: 'l', default: false },
    });
    const [place, ...rest] = positionals;
    if (rest.length > 0) throw new UsageError('ls wants one BUCKET/PREFIX at most.');
    return {
      values,
      action:
        place === undefined
          ? listBuckets(values.long)
          : listKeys(place, { isLong: values.long, isRecursive: values.recursive }),
    };
  },
};

function listBuckets(isLong: boolean): Action {
  return async ({ client, output }) => {
    for (const bucket of await client.buckets()) {
      output.result(bucket, isLong ? describeBucket(bucket) : bucket.name);
    }
  };
}

function describeBucket({ name, maxObjectBytes, contentTypes, versioning }: Bucket): string {
  const rules = [`up to ${formatBytes(maxObjectBytes)}`, contentTypes.join(', ')];
  return `${name.padEnd(24)}  ${[...rules, ...(versioning ? ['versioned'] : [])].join('  ')}`;
}

function listKeys(place: string, { isLong, isRecursive }: { isLong: boolean; isRecursive: boolean }): Action {
  const { bucket, key: prefix } = parseAddress(place);
  const delimiter = isRecursive ? {} : { delimiter: '/' };
  return async ({ client, output, signal }) => {
    let count = 0;
    for await (const page of client.pages(bucket, { prefix, signal, ...delimiter })) {
      for (const row of rowsOf(page)) {
        output.result(row.value, `${isLong ? row.columns : ''}${printable(row.key)}`);
        count += 1;
      }
    }
    if (count === 0 && prefix !== '') {
      throw new CommandError(exitCodes.notFound, `No key in ${bucket} begins with "${prefix}".`);
    }
  };
}

interface Row {
  readonly key: string;
  readonly value: object;
  readonly columns: string;
}

/** Folders and keys come apart; people look for them together. */
function rowsOf({ prefixes, objects }: ListPage): Row[] {
  const folders = prefixes.map((prefix) => ({ key: prefix, value: { prefix }, columns: columnsOf('', '') }));
  const keys = objects.map((object) => ({
    key: object.key,
    value: object,
    columns: columnsOf(formatBytes(object.sizeBytes), `${object.lastModified.slice(0, 19)}Z`),
  }));
  return [...folders, ...keys].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function columnsOf(size: string, lastModified: string): string {
  return `${size.padStart(9)}  ${lastModified.padEnd(20)}  `;
}
