import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type LifecycleRule, NoSuchKey, S3 } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytesOf } from '../acceptance/target.ts';
import { credentials, type masterKey, region } from '../server.ts';

const Bucket = 'files';
/** What a rule asks to go: it may be there as it was written, or be gone. */
const passing = 'passing/';
const Rules: LifecycleRule[] = [
  { ID: 'passing', Status: 'Enabled', Filter: { Prefix: passing }, Expiration: { Days: 1 } },
  {
    ID: 'uploads',
    Status: 'Enabled',
    Filter: { Prefix: passing },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  },
  {
    ID: 'move',
    Status: 'Enabled',
    Filter: { And: { Prefix: '0/', ObjectSizeGreaterThan: 0 } },
    Transitions: [{ Days: 0, StorageClass: 'INTELLIGENT_TIERING' }],
  },
];
const writers = 6;
const keysOfWriter = 4;
const maxMilliseconds = 150;
/** For a step that just doesn't come. */
const patienceMilliseconds = 5000;

/** A body, or nothing where the key was deleted. */
type State = Buffer | undefined;

/** What may be found under a key: what was acknowledged last, or what was under way when the process died. */
export type Known = Map<string, readonly State[]>;

/** A store that dies again and again. */
export interface Lane {
  /** What runs the store: see `bundle.ts`. */
  readonly program: string;
  readonly dataDir: string;
  /** Of a store that encrypts. */
  readonly masterKey: typeof masterKey | undefined;
  readonly known: Known;
}

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
export async function liveOnce(lane: Lane, step: string | undefined): Promise<string | undefined> {
  const { known } = lane;
  const { child, s3, words } = await start(lane);
  const died = once(child, 'exit');
  try {
    await verify(s3, known);
    await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
    const loads = [
      ...Array.from({ length: writers }, (_, writer) => load(s3, writer, known)),
      loadPassing(s3, known),
    ];
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

async function start({ program, dataDir, masterKey }: Lane): Promise<Running> {
  const options = masterKey ? [masterKey.text] : [];
  const child = fork(program, [dataDir, ...options], {
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

/** Writes what will go by itself, and begins uploads that nobody completes, until the process is gone. */
async function loadPassing(s3: S3, known: Known): Promise<void> {
  for (;;) {
    const Key = `${passing}${randomInt(keysOfWriter)}`;
    const Body = randomBytes(randomInt(40_000));
    known.set(Key, [...(known.get(Key) ?? []), Body]);
    try {
      await s3.putObject({ Bucket, Key, Body });
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
      await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body });
    } catch {
      return;
    }
    known.set(Key, [Body]);
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
      const mayBeGone = Key.startsWith(passing);
      const found = listed.has(Key) ? await read(s3, Key, mayBeGone) : undefined;
      const isKnown = (mayBeGone ? [undefined, ...states] : states).some((state) =>
        state && found ? state.equals(found) : state === found,
      );
      expect(isKnown, `${Key} holds ${found?.length ?? 'no'} bytes that nobody wrote`).toBe(true);
      known.set(Key, [found]);
    }),
  );
}

async function read(s3: S3, Key: string, mayBeGone: boolean): Promise<State> {
  try {
    return await bytesOf(await s3.getObject({ Bucket, Key }));
  } catch (error) {
    if (mayBeGone && error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
