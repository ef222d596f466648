import { createInterface } from 'node:readline/promises';
import type { DeleteResult } from '../../lib/client/contract.ts';
import {
  type Action,
  type Address,
  type Command,
  type Invocation,
  parseAddress,
  parseObjectAddress,
  parseOptions,
  UsageError,
} from './command.ts';
import { CommandError, exitCodes } from './failure.ts';
import { formatBytes, formatCount, printable } from './format.ts';

const help = `Usage: stowage rm BUCKET/KEY…
       stowage rm -r BUCKET/PREFIX

Deletes objects. A key that is not there is no error.

  -r, --recursive       every key that begins with PREFIX, after a question
  --yes                 don't ask; needed where nobody can be asked

Examples:
  stowage rm files/old.iso
  stowage rm -r --yes files/tmp/
`;

export const rm: Command = {
  summary: 'delete objects',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, {
      recursive: { type: 'boolean', short: 'r', default: false },
      yes: { type: 'boolean', default: false },
    });
    if (!values.recursive) return { values, action: removeKeys(positionals) };
    const [place, ...rest] = positionals;
    if (place === undefined || rest.length > 0) throw new UsageError('rm -r wants one BUCKET/PREFIX.');
    if (!values.yes && !(process.stdin.isTTY && process.stderr.isTTY)) {
      throw new UsageError('rm -r asks before it deletes, and here is no terminal to ask on: add --yes.');
    }
    return { values, action: removePrefix(parseAddress(place), values.yes) };
  },
};

function removeKeys(places: readonly string[]): Action {
  if (places.length === 0) throw new UsageError('rm wants BUCKET/KEY.');
  const byBucket = Map.groupBy(places.map(parseObjectAddress), ({ bucket }) => bucket);
  return async (invocation) => {
    const { client, signal } = invocation;
    for (const [bucket, addresses] of byBucket) {
      const keys = addresses.map(({ key }) => key);
      report(bucket, await client.deleteMany(bucket, keys, { signal }), invocation);
    }
  };
}

function removePrefix({ bucket, key: prefix }: Address, isConfirmed: boolean): Action {
  return async (invocation) => {
    const { client, signal } = invocation;
    const keys: string[] = [];
    let sizeBytes = 0;
    for await (const { objects } of client.pages(bucket, { prefix, signal })) {
      keys.push(...objects.map(({ key }) => key));
      sizeBytes += objects.reduce((sum, object) => sum + object.sizeBytes, 0);
    }
    if (keys.length === 0) {
      throw new CommandError(exitCodes.notFound, `No key in ${bucket} begins with "${prefix}".`);
    }
    const what = `${formatCount(keys.length, 'object')} (${formatBytes(sizeBytes)}) in ${bucket}/${printable(prefix)}`;
    if (!isConfirmed && !(await confirm(`Delete ${what}? [y/N] `, signal))) {
      throw new CommandError(exitCodes.failed, 'Nothing was deleted.');
    }
    report(bucket, await client.deleteMany(bucket, keys, { signal }), invocation);
  };
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  // On a terminal in raw mode Ctrl-C is a key, not a signal.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await terminal.question(question, { signal });
  return /^y(es)?$/i.test(answer.trim());
}

/** @throws {@link CommandError} when one of them could not be deleted; the others are then gone all the same */
function report(bucket: string, results: readonly DeleteResult[], { output }: Invocation): void {
  for (const result of results) {
    output.result({ bucket, ...result });
    if (result.error) output.note(`${bucket}/${printable(result.key)}: ${result.error.detail}`);
  }
  const errors = results.flatMap(({ error }) => (error ? [error] : []));
  output.note(`${formatCount(results.length - errors.length, 'object')} deleted from ${bucket}.`);
  if (errors.length === 0) return;
  const exitCode = errors.every(({ code }) => code === 'access_denied') ? exitCodes.denied : exitCodes.failed;
  throw new CommandError(exitCode, `${formatCount(errors.length, 'object')} could not be deleted.`);
}
