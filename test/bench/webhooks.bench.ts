import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { rootKey } from '../support/service.ts';
import { startStandaloneProcess } from '../support/standalone.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import type { Bench } from './harness.ts';

/**
 * From a change in a bucket, begun by a PUT to storage, until its webhook is received; against a POST of the same body
 * straight to the same receiver. Both at 200 a second, on the standalone process with its disk.
 */

const perSecond = 200;
const seconds = 4;

const dataDir = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
const service = await startStandaloneProcess({
  dataDir,
  environment: { STOWAGE_WEBHOOK_ALLOW_LOOPBACK: 'true' },
});
const receiver = await startReceiver();
await call('/v1/webhooks', {
  url: receiver.url,
  bucket: 'files',
  eventTypes: ['object.created'],
  maxConcurrency: 50,
});

async function call(path: string, body: object): Promise<unknown> {
  const response = await fetch(service.apiUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  if (response.status !== 429) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await delay(1000);
  return call(path, body);
}

let count = 0;

/** Sends something so often a second. @returns the milliseconds from the beginning of each to its arrival */
async function latencies(
  send: (key: string) => Promise<unknown>,
  keys: readonly string[],
): Promise<number[]> {
  receiver.received.length = 0;
  const begun = new Map<string, number>();
  const startedAt = performance.now();
  const sent = keys.map(async (key, index) => {
    await delay(startedAt + (index * 1000) / perSecond - performance.now());
    begun.set(key, performance.now());
    await send(key);
  });
  await Promise.all(sent);
  const deadline = performance.now() + 20_000;
  while (receiver.received.length < keys.length && performance.now() < deadline) await delay(20);
  if (receiver.received.length < keys.length) throw new Error('webhooks are missing');
  return receiver.received.map(({ body, at }) => {
    const key: string = JSON.parse(body).data.key;
    return at - (begun.get(key) ?? Number.NaN);
  });
}

function newKeys(): string[] {
  return Array.from({ length: perSecond * seconds }, () => `bench/${(count += 1)}`);
}

function exchange(method: string, url: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      response.resume().on('end', () => resolve());
    })
      .on('error', reject)
      .end(body);
  });
}

async function throughTheService(): Promise<number[]> {
  const keys = newKeys();
  const puts = new Map<string, { url: string; headers: Record<string, string> }>();
  for (const key of keys) {
    const answer = await call('/v1/uploads', { bucket: 'files', key, sizeBytes: 1, method: 'put' });
    const upload = v.parse(uploadAnswer, answer);
    if (upload.method === 'put') puts.set(key, upload.put);
  }
  return latencies(async (key) => {
    const put = puts.get(key);
    if (put) await exchange('PUT', put.url, put.headers, '.');
  }, keys);
}

function straight(): Promise<number[]> {
  return latencies((key) => {
    const body = JSON.stringify({ type: 'object.created', data: { bucket: 'files', key, sizeBytes: 1 } });
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    return exchange('POST', receiver.url, headers, body);
  }, newKeys());
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

function benchOf(name: string, part: number, atMostMore: number): Bench {
  return {
    name: `change → webhook received, ${name}`,
    reference: 'a POST straight to the receiver',
    unit: `ms at ${perSecond} a second`,
    rounds: 3,
    bar: { atMostMore },
    sampleOurs: async () => quantile(await throughTheService(), part),
    sampleReference: async () => quantile(await straight(), part),
  };
}

export const benches: readonly Bench[] = [
  benchOf('p50', 0.5, 50),
  {
    ...benchOf('p99', 0.99, 100),
    close: async () => {
      await service.end('SIGTERM');
      await receiver.close();
      await rm(dataDir, { recursive: true });
    },
  },
];
