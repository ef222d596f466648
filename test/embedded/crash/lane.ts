import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { S3 } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytesOf } from '../acceptance/target.ts';
import { credentials, region } from '../server.ts';

const Bucket = 'files';
const writers = 6;
const keysOfWriter = 4;
const maxMilliseconds = 150;
/** For a step that just doesn't come. */
const patienceMilliseconds = 5000;

/** A body, or nothing where the key was deleted. */
type State = Buffer | undefined;

/** What may be found under a key: what was acknowledged last, or what was under way when the process died. */
export type Known = Map<string, readonly State[]>;

interface Running {
  readonly child: ChildProcess;
  readonly s3: S3;
  /** What the process wrote to its end. */
  readonly words: Promise<string>;
}

/**
 * Starts the store, checks all that earlier lives have left, puts it under load, and kills it.
 *
 * @param program - the store's, as `bundleStore` makes it
 * @param step - where it is to die; without one, at a random moment
 * @returns the step at which it died, if it died at one
 */
export async function liveOnce(
  dataDir: string,
  known: Known,
  program: string,
  step: string | undefined,
): Promise<string | undefined> {
  const { child, s3, words } = await start(program, dataDir);
  const died = once(child, 'exit');
  try {
    await verify(s3, known);
    const loads = Array.from({ length: writers }, (_, writer) => load(s3, writer, known));
    if (step !== undefined) child.send(step);
    const milliseconds = step === undefined ? randomInt(maxMilliseconds) : patienceMilliseconds;
    const kill = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    const [, signal] = await died;
    clearTimeout(kill);
    expect(signal).toBe('SIGKILL');
    await Promise.all(loads);
    return /^died (?<step>.*)$/m.exec(await words)?.groups?.['step'];
  } finally {
    child.kill('SIGKILL');
    s3.destroy();
  }
}

async function start(program: string, dataDir: string): Promise<Running> {
  const child = fork(program, [dataDir], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (!child.stdout) throw new Error('The process has no output.');
  const [line] = await once(child.stdout, 'data');
  const s3 = new S3({
    endpoint: String(line).trim(),
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  return { child, s3, words: text(child.stdout) };
}

/** Writes, replaces, copies and deletes keys of its own, one after another, until the process is gone. */
async function load(s3: S3, writer: number, known: Known): Promise<void> {
  const ownKey = () => `${writer}/${randomInt(keysOfWriter)}`;
  for (;;) {
    const Key = ownKey();
    const before = known.get(Key) ?? [undefined];
    const source = ownKey();
    const [sourceState, ...others] = known.get(source) ?? [];
    const copies = randomInt(4) === 0 && source !== Key && others.length === 0 && sourceState !== undefined;
    const next = copies ? sourceState : randomState();
    known.set(Key, [...before, next]);
    try {
      if (copies) await s3.copyObject({ Bucket, Key, CopySource: `${Bucket}/${source}` });
      else if (next) await put(s3, Key, next);
      else await remove(s3, Key);
    } catch {
      return;
    }
    known.set(Key, [next]);
  }
}

function randomState(): State {
  if (randomInt(4) === 0) return undefined;
  return randomBytes(randomInt(2) ? randomInt(2000) : randomInt(400_000));
}

async function remove(s3: S3, Key: string): Promise<void> {
  if (randomInt(2)) await s3.deleteObject({ Bucket, Key });
  else await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key }] } });
}

async function put(s3: S3, Key: string, Body: Buffer): Promise<void> {
  if (randomInt(3)) {
    await s3.putObject({ Bucket, Key, Body });
    return;
  }
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body });
  await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 2, Body: 'left out' });
  const Parts = [{ PartNumber: 1, ETag }];
  await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
}

/** Every key holds what was acknowledged, or as a whole what was under way; from now on only that. */
async function verify(s3: S3, known: Known): Promise<void> {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  const listed = new Set(Contents.map(({ Key = '' }) => Key));
  for (const key of listed) expect(known.has(key)).toBe(true);
  await Promise.all(
    Array.from(known, async ([Key, states]) => {
      const found: State = listed.has(Key) ? await bytesOf(await s3.getObject({ Bucket, Key })) : undefined;
      const isKnown = states.some((state) => (state && found ? state.equals(found) : state === found));
      expect(isKnown, `${Key} holds ${found?.length ?? 'no'} bytes that nobody wrote`).toBe(true);
      known.set(Key, [found]);
    }),
  );
}
