import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { rootKey } from '../support/service.ts';
import { startStandaloneProcess } from '../support/standalone.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-lifecycle-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The service as a process, with days of a second. */
async function start(bucket: object) {
  const configPath = join(folder, 'stowage.json');
  await writeFile(configPath, JSON.stringify({ buckets: { files: bucket } }));
  const service = await startStandaloneProcess({
    dataDir: join(folder, 'data'),
    environment: { STOWAGE_CONFIG: configPath, STOWAGE_LIFECYCLE_DAY_SECONDS: '1' },
  });
  const client = createClient({ baseUrl: service.apiUrl, credential: rootKey });
  const ids = async () => (await client.lifecycle('files')).map(({ id }) => id);
  return { service, client, ids };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}

test('the process gives its buckets the rules of stowage.json, and lets those of the API be', async () => {
  const first = await start({ lifecycle: [{ prefix: 'tmp/', expireAfterDays: 1 }] });
  await until(async () => (await first.ids()).includes('stowage-json-0'));
  const own = { id: 'own', prefix: 'archive/', transitions: [{ afterDays: 0, storageClass: 'GLACIER' }] };
  await first.client.setLifecycle('files', [{ ...own, sizeGreaterThanBytes: 0 }]);
  const put = (key: string) => first.client.upload(new Blob(['x']), { bucket: 'files', key });
  await put('tmp/a');
  await put('kept');
  await put('archive/a');
  const keys = async () => (await first.client.list('files')).objects.map(({ key }) => key);
  await until(async () => !(await keys()).includes('tmp/a'));

  const archived = () => first.client.object('files', 'archive/a');
  await until(async () => (await archived()).storageClass === 'GLACIER');
  const asked = await first.client.restore('files', ['archive/a'], { days: 30, tier: 'Expedited' });
  expect(asked).toEqual([{ key: 'archive/a', state: 'restoring' }]);
  await until(async () => (await archived()).restore?.inProgress === false);
  expect(Date.parse((await archived()).restore?.availableUntil ?? '')).toBeGreaterThan(Date.now());
  expect(await keys()).toEqual(['archive/a', 'kept']);
  await first.service.end('SIGTERM');

  const second = await start({ versioning: true });
  const expected = ['abandoned-uploads', 'non-current-versions', 'own'];
  await until(async () => (await second.ids()).join() === expected.join());
  expect(await second.service.end('SIGTERM')).toBe(0);
});
