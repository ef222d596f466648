import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import type { Progress } from '../../lib/client/progress.ts';
import type { UploadOptions } from '../../lib/client/upload-run.ts';
import { type FakeBehaviour, type FakeService, startFakeService } from './fake-service.ts';

/** An upload over a network and a storage that fail in the ways they do. */

const partSizeBytes = 256 * 1024;
const bytes = randomBytes(5 * partSizeBytes + 7);
const source = new Blob([bytes]);

const running: FakeService[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.close()));
});

async function fake(behaviour: Partial<FakeBehaviour> = {}): Promise<FakeService> {
  const service = await startFakeService({ sizeBytes: bytes.length, partSizeBytes, ...behaviour });
  running.push(service);
  return service;
}

function upload(service: FakeService, options: Partial<UploadOptions> = {}, body = source) {
  const client = createClient({
    baseUrl: service.url,
    credential: 'key',
    retry: { attempts: 4, firstDelayMilliseconds: 1 },
  });
  return client.upload(body, { bucket: 'files', key: 'k', ...options });
}

const tries = (service: FakeService, partNumber: number) =>
  service.puts.filter((put) => put.partNumber === partNumber);

describe('a part', () => {
  test('that loses its connection half-way is sent again', async () => {
    const service = await fake({
      onPut: ({ partNumber, attempt }) => (partNumber === 3 && attempt < 3 ? 'drop' : undefined),
    });
    await upload(service);
    expect(tries(service, 3)).toHaveLength(3);
    expect(tries(service, 2)).toHaveLength(1);
    expect(service.stored().equals(bytes)).toBe(true);
  });

  test.each([408, 429, 500, 503])('that storage answers with %i is sent again', async (status) => {
    const service = await fake({
      onPut: ({ partNumber, attempt }) => (partNumber === 1 && attempt === 1 ? status : undefined),
    });
    await upload(service);
    expect(tries(service, 1)).toHaveLength(2);
    expect(service.stored().equals(bytes)).toBe(true);
  });

  test('that storage refuses for good ends the upload with its code', async () => {
    const service = await fake({ onPut: ({ partNumber }) => (partNumber === 2 ? 400 : undefined) });
    await expect(upload(service)).rejects.toMatchObject({
      name: 'StorageError',
      status: 400,
      code: 'Fake400',
    });
    expect(tries(service, 2)).toHaveLength(1);
    expect(service.calls).not.toContain('POST /v1/uploads/upload-1/complete');
  });

  test('whose tries are used up ends the upload', async () => {
    const service = await fake({ onPut: ({ partNumber }) => (partNumber === 6 ? 503 : undefined) });
    await expect(upload(service)).rejects.toMatchObject({ status: 503 });
    expect(tries(service, 6)).toHaveLength(4);
  });
});

describe('signed URLs', () => {
  test('a refused one is signed again, within the same upload', async () => {
    const service = await fake({
      onPut: ({ partNumber, signature }) => (partNumber === 2 && signature === 1 ? 403 : undefined),
    });
    await upload(service);
    expect(tries(service, 2).map(({ signature }) => signature)).toEqual([1, 2]);
    expect(service.calls.filter((call) => call === 'POST /v1/uploads')).toHaveLength(1);
    expect(service.stored().equals(bytes)).toBe(true);
  });

  test('a refusal of the fresh one is final', async () => {
    const service = await fake({ onPut: ({ partNumber }) => (partNumber === 2 ? 403 : undefined) });
    await expect(upload(service)).rejects.toMatchObject({
      name: 'StorageError',
      status: 403,
      code: 'Fake403',
    });
    expect(tries(service, 2)).toHaveLength(2);
  });

  test('they are renewed before they expire', async () => {
    const service = await fake({ lifetimeSeconds: 5, firstBatch: 6 });
    await upload(service, { parallelParts: 1 });
    expect(service.puts.map(({ signature }) => signature)).not.toContain(1);
  });

  test.each([-3600, 3600])('a clock that is %i seconds off does not matter', async (clockAheadSeconds) => {
    const service = await fake({ clockAheadSeconds, firstBatch: 6, lifetimeSeconds: 60 });
    await upload(service);
    expect(new Set(service.puts.map(({ signature }) => signature))).toEqual(new Set([1]));
    expect(service.calls).toEqual(['POST /v1/uploads', 'POST /v1/uploads/upload-1/complete']);
  });
});

test('parts travel in parallel, and no more at a time than asked for', async () => {
  const service = await fake({ firstBatch: 6, onPut: () => setTimeout(20, undefined) });
  await upload(service, { parallelParts: 3 });
  expect(service.mostAtOnce()).toBe(3);
  expect(service.stored().equals(bytes)).toBe(true);
});

test('progress never falls and ends with everything, retries or not', async () => {
  const service = await fake({ onPut: ({ attempt }) => (attempt === 1 ? 'drop' : undefined) });
  const seen: Progress[] = [];
  await upload(service, { onProgress: (progress) => seen.push(progress) });
  const sent = seen.map(({ sentBytes }) => sentBytes);
  expect(sent).toEqual([...new Set(sent)].toSorted((a, b) => a - b));
  expect(seen.at(0)).toEqual({ sentBytes: 0, totalBytes: bytes.length });
  expect(seen.at(-1)).toEqual({ sentBytes: bytes.length, totalBytes: bytes.length });
});

describe('completing', () => {
  const complete = 'POST /v1/uploads/upload-1/complete';

  test.each(['drop', 503, 429] as const)('is repeated after %s', async (fault) => {
    const service = await fake({
      onCall: (call, attempt) => (call === complete && attempt === 1 ? fault : undefined),
    });
    await expect(upload(service)).resolves.toMatchObject({ sizeBytes: bytes.length });
    expect(service.calls.filter((call) => call === complete)).toHaveLength(2);
  });

  test('a refusal tells status, code and detail', async () => {
    const service = await fake({ onCall: (call) => (call === complete ? 409 : undefined) });
    await expect(upload(service)).rejects.toMatchObject({
      name: 'StowageApiError',
      status: 409,
      code: 'fake_409',
      detail: 'as told',
    });
  });

  test('asks whose the object is when a repeated PUT finds the key taken', async () => {
    const small = new Blob(['small']);
    const service = await fake({ sizeBytes: 5, partSizeBytes: undefined, onPut: () => 412 });
    await expect(upload(service, { ifNoneMatch: '*' }, small)).resolves.toMatchObject({ key: 'k' });
  });
});

describe('resuming', () => {
  test('sends only what storage lacks, and what it has in another size', async () => {
    const part = (number: number) => bytes.subarray((number - 1) * partSizeBytes, number * partSizeBytes);
    const received = new Map([
      [1, part(1)],
      [2, Buffer.from('short')],
      [6, part(6)],
    ]);
    const service = await fake({ received });
    const seen: Progress[] = [];
    await upload(service, { resume: 'upload-1', onProgress: (progress) => seen.push(progress) });
    expect(service.puts.map(({ partNumber }) => partNumber).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5]);
    expect(seen.at(0)?.sentBytes).toBe(partSizeBytes + 7);
    expect(service.stored().equals(bytes)).toBe(true);
    expect(service.calls).not.toContain('POST /v1/uploads');
  });

  test('refuses a source of another size before anything is sent', async () => {
    const service = await fake();
    await expect(upload(service, { resume: 'upload-1' }, new Blob(['another']))).rejects.toMatchObject({
      name: 'SourceMismatchError',
    });
    expect(service.puts).toEqual([]);
  });
});

test('stopping ends everything at once and leaves the upload to be resumed', async () => {
  const service = await fake({
    onPut: ({ partNumber, attempt }) => (partNumber > 2 && attempt === 1 ? 'stall' : undefined),
  });
  const stop = new AbortController();
  const ids: string[] = [];
  const stopped = expect(
    upload(service, { signal: stop.signal, onUploadId: (id) => void ids.push(id) }),
  ).rejects.toThrow('enough');
  await vi.waitFor(() => expect(service.puts).toHaveLength(6));
  stop.abort(new Error('enough'));
  await stopped;
  expect(service.calls.filter((call) => call.startsWith('DELETE') || call.endsWith('/complete'))).toEqual([]);

  await upload(service, { resume: 'upload-1' });
  expect(ids).toEqual(['upload-1']);
  expect(tries(service, 1)).toHaveLength(1);
  expect(service.stored().equals(bytes)).toBe(true);
});
