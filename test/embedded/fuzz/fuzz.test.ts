import { S3 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chunkedPut } from '../acceptance/chunked-body.ts';
import { bytesOf } from '../acceptance/target.ts';
import { startStore } from '../server.ts';
import { fuzzedRequest } from './requests.ts';
import { exchange, written } from './wire.ts';

const seed = 20_261_123;
const numRuns = process.env['CI'] === 'true' ? 4000 : 250;
const Bucket = 'files';
const kept = { Bucket: 'kept', Key: 'kept', Body: 'kept' };

describe(`${numRuns} requests of seed ${seed}`, { timeout: 300_000 }, () => {
  const faults: unknown[] = [];
  let store: Awaited<ReturnType<typeof startStore>>;
  let s3: S3;
  beforeAll(async () => {
    store = await startStore({
      versioning: true,
      log: (level, message, fields) => void (level === 'error' && faults.push([message, fields])),
    });
    const { endpoint, region, credentials } = store;
    s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    await s3.createBucket({ Bucket: kept.Bucket });
    await s3.putObject(kept);
  });
  beforeEach(async () => {
    await s3.putObject({ Bucket, Key: 'known', Body: 'known' });
  });
  // Whatever came before, the store serves, and has kept what it was given.
  afterEach(async () => {
    const { Bucket, Key, Body } = kept;
    expect(String(await bytesOf(await s3.getObject({ Bucket, Key })))).toBe(Body);
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    s3.destroy();
    await store.stop();
  });

  let accepted = 0;

  /** An HTTP answer, or none, but never one that owns up to a fault; and nothing in the log. */
  async function hold(bytes: Buffer): Promise<void> {
    const answer = await exchange(store.endpoint, bytes);
    const status = /^HTTP\/1\.1 (?<status>\d{3}) /.exec(answer)?.groups?.['status'];
    if (status?.startsWith('2')) accepted += 1;
    if (answer !== '') expect(Number(status)).toSatisfy((number) => number < 500 || number === 501);
    expect(faults.splice(0)).toEqual([]);
  }

  test('in methods, paths, queries, headers and documents are answered', async () => {
    await fc.assert(
      fc.asyncProperty(fuzzedRequest, (request) => hold(written(store, request))),
      { seed, numRuns },
    );
    // What is only refused at the door tries nothing.
    expect(accepted).toBeGreaterThan(numRuns / 20);
  });

  test('with bytes cut, changed or put in are answered, or their connection ends', async () => {
    const damage = fc.record({
      at: fc.nat(),
      drop: fc.integer({ min: 0, max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fuzzedRequest,
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        (request, damages) => {
          let bytes = written(store, request);
          for (const { at, drop, insert, cut } of damages) {
            const position = at % bytes.length;
            const rest = cut ? Buffer.alloc(0) : bytes.subarray(position + drop);
            bytes = Buffer.concat([bytes.subarray(0, position), insert, rest]);
            if (bytes.length === 0) break;
          }
          return hold(bytes);
        },
      ),
      // Many of these end only when the client gives up.
      { seed, numRuns: numRuns / 2 },
    );
  });

  test('in aws-chunked coding with damaged frames are refused', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 });
    const frames = fc.record({
      chunks,
      signed: fc.boolean(),
      trailer: fc.option(fc.constant(['x-amz-checksum-crc32', 'AAAAAA=='] as const), { nil: undefined }),
      at: fc.nat(),
      byte: fc.nat(255),
    });
    await fc.assert(
      fc.asyncProperty(frames, async ({ chunks, signed, trailer, at, byte }) => {
        const buffers = chunks.filter(({ length }) => length > 0).map((chunk) => Buffer.from(chunk));
        const put = chunkedPut({ ...store, s3, bucket: Bucket }, 'chunked', buffers, {
          signed,
          ...(trailer && { trailer }),
        });
        const body = Buffer.from(put.body);
        body[at % body.length] = byte;
        const { pathname } = new URL(put.url);
        const lines = Object.entries(put.headers).map(([name, value]) => `${name}: ${value}\r\n`);
        const head = `PUT ${pathname} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`;
        await hold(Buffer.concat([Buffer.from(head), body]));
      }),
      { seed, numRuns },
    );
  });
});
