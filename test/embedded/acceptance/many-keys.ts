import { Agent, request as httpRequest } from 'node:http';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type S3Target, useTarget } from './target.ts';
import { presigned } from './wire.ts';

const connections = 16;
/** XML 1.0 can't hold these, and a header can't hold line ends. */
const unwritable = /[\p{Cc}\ufffe\uffff]/u;

/** Random keys and metadata through put, list, head, get and delete. */
export function describeManyKeys(start: () => Promise<S3Target>, count: number): void {
  describe(`${count} random keys and metadata values`, () => {
    const target = useTarget(start);

    test('come back as they went', { timeout: 180_000 }, async () => {
      const { s3, bucket: Bucket } = target();
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      const objects = randomObjects(count);
      const exchange = (method: 'PUT' | 'HEAD' | 'GET', key: string, value?: string) =>
        send(
          presigned(target(), key, { method, ...(value && { headers: { 'x-amz-meta-v': value } }) }),
          agent,
          {
            method,
            ...(value && { metadata: value, body: `body of ${key}` }),
          },
        );

      await inParallel(objects, async ([key, value]) => {
        expect((await exchange('PUT', key, value)).status).toBe(200);
      });
      const listed: string[] = [];
      for (let token: string | undefined, page = 0; page === 0 || token; page += 1) {
        const answer = await s3.listObjectsV2({ Bucket, EncodingType: 'url', ContinuationToken: token });
        listed.push(...(answer.Contents ?? []).map(({ Key = '' }) => decodeURIComponent(Key)));
        token = answer.NextContinuationToken;
      }
      const inByteOrder = [...objects.keys()]
        .map((key) => Buffer.from(key))
        .sort((a, b) => Buffer.compare(a, b))
        .map(String);
      expect(listed).toEqual(inByteOrder);
      await inParallel(objects, async ([key, value]) => {
        expect(await exchange('HEAD', key)).toEqual({ status: 200, metadata: value, body: '' });
        expect(await exchange('GET', key)).toEqual({ status: 200, metadata: value, body: `body of ${key}` });
      });
      for (let at = 0; at < listed.length; at += 1000) {
        const Objects = listed.slice(at, at + 1000).map((Key) => ({ Key }));
        const { Deleted } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
        expect(Deleted?.map(({ Key }) => Key)).toEqual(Objects.map(({ Key }) => Key));
      }
      expect((await s3.listObjectsV2({ Bucket })).KeyCount).toBe(0);
      agent.destroy();
    });
  });
}

function randomObjects(count: number): Map<string, string> {
  const text = (maxLength: number) =>
    fc.string({ unit: 'binary', minLength: 1, maxLength, size: 'max' }).filter((it) => !unwritable.test(it));
  const key = fc.oneof(
    text(12),
    text(60),
    fc.array(text(6), { minLength: 2, maxLength: 5 }).map((it) => it.join('/')),
  );
  const value = text(40).map((it) => `v${it}v`);
  const objects = new Map<string, string>();
  for (let seed = 1; objects.size < count; seed += 1) {
    for (const [name, metadata] of fc.sample(fc.tuple(key, value), { numRuns: count - objects.size, seed })) {
      if (Buffer.byteLength(name) <= 1024) objects.set(name, metadata);
    }
  }
  return objects;
}

async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lanes = Array.from({ length: connections }, async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  });
  await Promise.all(lanes);
}

/** Headers are bytes, which Node shows as Latin-1. */
function send(
  url: string,
  agent: Agent,
  { method, metadata, body }: { method: string; metadata?: string; body?: string },
): Promise<{ status: number; metadata: string; body: string }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> =
      metadata === undefined
        ? {}
        : {
            'content-length': String(Buffer.byteLength(body ?? '')),
            'x-amz-meta-v': Buffer.from(metadata).toString('latin1'),
          };
    const outgoing = httpRequest(url, { method, agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          metadata: Buffer.from(String(incoming.headers['x-amz-meta-v']), 'latin1').toString('utf8'),
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    // In one write with a text, Node would send the headers as UTF-8.
    outgoing.end(Buffer.from(body ?? ''));
  });
}
