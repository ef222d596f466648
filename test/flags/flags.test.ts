import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStandaloneProcess } from '../support/standalone.ts';
import { rootKey } from '../support/service.ts';

/** The flags of `stowage.json`, changed under a process that runs. */
describe('the flags of a running process', () => {
  const buckets = { files: {}, media: {} };
  let folder: string;
  let configPath: string;
  let service: Awaited<ReturnType<typeof startStandaloneProcess>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-flags-'));
    configPath = join(folder, 'stowage.json');
    await writeFile(configPath, JSON.stringify({ buckets }));
    service = await startStandaloneProcess({ dataDir: folder, environment: { STOWAGE_CONFIG: configPath } });
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    await rm(folder, { recursive: true });
  });

  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${service.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, answer: JSON.parse(text === '' ? '{}' : text) };
  };
  const begin = (bucket: string) => call('POST', '/v1/uploads', { bucket, key: 'a', sizeBytes: 1 });
  const setFlags = (flags: unknown, more: object = {}) =>
    writeFile(configPath, JSON.stringify({ buckets, flags, ...more }));

  test('make a bucket read-only, and let it go again', async () => {
    expect((await begin('files')).status).toBe(201);
    await setFlags({ readOnlyBuckets: ['files'] });
    await expect.poll(async () => (await begin('files')).answer.code).toBe('bucket_read_only');
    const refused = [
      await call('DELETE', '/v1/objects/files/a'),
      await call('POST', '/v1/objects/files/delete', { keys: ['a'] }),
    ];
    expect(refused.map(({ status, answer }) => `${status} ${answer.code}`)).toEqual([
      '403 bucket_read_only',
      '403 bucket_read_only',
    ]);
    expect((await call('GET', '/v1/objects/files')).status).toBe(200);
    expect((await begin('media')).status).toBe(201);
    await setFlags({});
    await expect.poll(async () => (await begin('files')).status).toBe(201);
  });

  test('cap the life of addresses', async () => {
    await setFlags({ maxUrlLifetimeSeconds: 30 });
    const secondsOf = async () => {
      const { answer } = await call('POST', '/v1/downloads', {
        items: [{ bucket: 'files', key: 'a' }],
        expiresInSeconds: 600,
      });
      return new URL(answer.items[0].url).searchParams.get('X-Amz-Expires');
    };
    await expect.poll(secondsOf).toBe('30');
  });

  test('stay as they are when the file is not valid', async () => {
    await setFlags({ readOnlyBuckets: ['*'] });
    await expect.poll(async () => (await begin('media')).answer.code).toBe('bucket_read_only');
    await setFlags({ readOnlyBuckets: 'none' });
    await expect
      .poll(() => service.output())
      .toContain('The new configuration cannot be used; the flags stay');
    expect((await begin('media')).answer.code).toBe('bucket_read_only');
  });
});
