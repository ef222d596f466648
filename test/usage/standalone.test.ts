import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseStandaloneEnvironment } from '../../lib/config/standalone-environment.ts';
import { startStandalone } from '../../lib/hosts/standalone.ts';
import { Api } from '../hosts/suite/host.ts';
import { rootKey } from '../support/service.ts';
import { usageOf } from './tenants.ts';

let folder: string;
const log: Readonly<Record<string, unknown>>[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(now: () => Date) {
  const configPath = join(folder, 'stowage.json');
  const quotas = [{ tenant: '*', bucket: 'files', maxBytes: 100 }];
  await writeFile(configPath, JSON.stringify({ buckets: { files: {} }, quotas }));
  const service = await startStandalone(
    parseStandaloneEnvironment({
      STOWAGE_CONFIG: configPath,
      STOWAGE_DATA_DIR: join(folder, 'data'),
      STOWAGE_API_PORT: '0',
      STOWAGE_S3_PORT: '0',
      STOWAGE_ROOT_KEY: rootKey,
    }),
    (_, message, fields) => log.push({ message, ...fields }),
    [],
    { now },
  );
  const api = new Api(() => ({
    request: (method, target, headers, body) =>
      fetch(`${service.apiUrl}${target}`, { method, headers, ...(body !== undefined && { body }) }),
    hasRecords: true,
    close: service.stop,
  }));
  return { api, stop: service.stop };
}

test('the process gives back by itself what is reserved for uploads that never came', async () => {
  const before = await start(() => new Date(Date.now() - 2 * 3_600_000));
  await before.api.begin({ key: 'a', sizeBytes: 100, method: 'put' });
  expect(await usageOf(before.api)).toMatchObject({ reservedBytes: 100 });
  await before.stop();

  const after = await start(() => new Date());
  await expect.poll(() => usageOf(after.api)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 0 });
  await after.stop();
  expect(log).toContainEqual(
    expect.objectContaining({
      message: 'Maintenance',
      task: 'expired-reservations',
      settled: 1,
      failures: 0,
    }),
  );
});
