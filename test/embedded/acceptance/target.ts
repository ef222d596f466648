import { randomUUID } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';

/** An S3 endpoint to hold to the suites. They use buckets of their own and leave the others alone. */
export interface S3Target {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly stop: () => Promise<void>;
}

/** What a suite works with; to be read inside of tests only. */
export interface Bench extends S3Target {
  /** The SDK with its default settings. */
  readonly s3: S3;
  /** A bucket of this suite, empty at its beginning. */
  readonly bucket: string;
}

/** Starts a target for a suite, with a bucket; takes both down at its end. */
export function useTarget(start: () => Promise<S3Target>): () => Bench {
  let bench: Bench | undefined;
  beforeAll(async () => {
    const target = await start();
    const { endpoint, region, credentials } = target;
    const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
    const bucket = `suite-${randomUUID()}`;
    await s3.createBucket({ Bucket: bucket });
    bench = { ...target, s3, bucket };
  });
  afterAll(async () => {
    bench?.s3.destroy();
    await bench?.stop();
  });
  return () => {
    if (!bench) throw new Error('The target has not been started.');
    return bench;
  };
}

/** S3's error code of a call that must fail. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error.name;
    throw error;
  }
  throw new Error('The call succeeded.');
}

/** The body of an answer of the SDK, as bytes. */
export async function bytesOf(answer: {
  Body?: { transformToByteArray: () => Promise<Uint8Array> } | undefined;
}): Promise<Buffer> {
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}
