import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actions } from '../../lib/access/grants.ts';
import { StowageError } from '../../lib/errors.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { objectAnswer } from '../../lib/objects/schema.ts';
import { completedAnswer } from '../../lib/uploads/schema.ts';
import { usageAnswer } from '../../lib/usage/schema.ts';
import { type Api, problemOf } from '../hosts/suite/host.ts';
import { openTestService, type TestService } from '../support/service.ts';
import { abort, apiOf, asTenant, complete, remove, send, sweep as sweepWith, usageOf } from './tenants.ts';

const configuration = {
  buckets: { files: {}, free: {}, versions: { versioning: true } },
  quotas: [
    { tenant: '*', bucket: 'files', maxBytes: 100, maxObjects: 5 },
    { tenant: 'large', bucket: 'files', maxBytes: 1000 },
    { tenant: 'boundless', bucket: 'files' },
    { tenant: '*', bucket: 'versions', maxBytes: 100 },
  ],
};

/** Longer than any upload of these tests may take. */
const week = 8 * 86_400_000;

describe('quotas', () => {
  let service: TestService;
  let root: Api;
  let tenants = 0;
  let tenant: Api;
  let databaseCalls = 0;
  let isEnding = false;

  beforeAll(async () => {
    service = await openTestService(configuration, {
      openRecords: async (file, now) =>
        watched(
          await openSqliteRecords({ file, now }),
          () => {
            databaseCalls += 1;
          },
          () => isEnding,
        ),
    });
    root = apiOf(service);
  });
  afterAll(() => service.stop());

  beforeEach(async () => {
    service.setClock(() => new Date());
    tenants += 1;
    tenant = await asTenant(root, `tenant-${tenants}`);
  });

  const later = (milliseconds: number) => service.setClock(() => new Date(Date.now() + milliseconds));
  const sweep = (stepSize?: number) =>
    sweepWith({ ...service, now: () => new Date(Date.now() + week) }, stepSize);
  const key = (name = 'object') => `${tenants}/${name}`;
  const begin = (sizeBytes: number, command: object = {}) =>
    tenant.begin({ key: key(), sizeBytes, contentType: 'text/plain', method: 'put', ...command });

  describe('the room of an upload', () => {
    test('is reserved when it is begun, and settled when it is complete', async () => {
      const upload = await begin(60);
      expect(await usageOf(tenant)).toEqual({
        tenant: `tenant-${tenants}`,
        bucket: 'files',
        bytes: 0,
        objects: 0,
        reservedBytes: 60,
        maxBytes: 100,
        maxObjects: 5,
      });
      await send(upload, 'x'.repeat(60));
      for (const _ of 'twice') await complete(tenant, upload);
      expect(await usageOf(tenant)).toMatchObject({ bytes: 60, objects: 1, reservedBytes: 0 });
      await abort(tenant, upload);
      expect(await usageOf(tenant)).toMatchObject({ bytes: 60, objects: 1, reservedBytes: 0 });
    });

    test('is refused where the quota has less, and the refusal says how much that is', async () => {
      await begin(60);
      const refused = await tenant.call('POST', '/v1/uploads', {
        bucket: 'files',
        key: key('b'),
        sizeBytes: 41,
      });
      expect(await problemOf(refused)).toMatchObject({
        status: 403,
        code: 'quota_exceeded',
        detail: 'The quota leaves 40 bytes, 4 objects in the bucket "files"; this object needs 41 bytes.',
      });
      await begin(40, { key: key('b') });
      expect(await usageOf(tenant)).toMatchObject({ reservedBytes: 100 });
    });

    test('counts objects, too, the empty ones as well', async () => {
      for (const name of 'abcde') await begin(0, { key: key(name) });
      const command = { bucket: 'files', key: key('f'), sizeBytes: 0 };
      expect(await tenant.refusal('POST', '/v1/uploads', command)).toBe('403 quota_exceeded');
    });

    test.each(['put', 'form', 'multipart'])('of a %s is given back when it is aborted', async (method) => {
      const upload = await begin(60, { method });
      for (const _ of 'twice') await abort(tenant, upload);
      expect(await usageOf(tenant)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 0 });
      await begin(100);
    });

    test('is given back when storage does not begin it', async () => {
      service.setClock(() => new Date(Date.now() + 3_600_000));
      const command = { bucket: 'files', key: key(), sizeBytes: 60, method: 'multipart' };
      expect(await tenant.refusal('POST', '/v1/uploads', command)).toBe('502 storage_refused');
      service.setClock(() => new Date());
      expect(await usageOf(tenant)).toMatchObject({ reservedBytes: 0 });
    });

    test('is settled for a multipart upload as for others', async () => {
      const upload = await begin(5, { method: 'multipart' });
      if (upload.method !== 'multipart') throw new Error(upload.method);
      const [part] = upload.multipart.parts;
      await fetch(part?.url ?? '', { method: 'PUT', body: 'hello' });
      for (const _ of 'twice') await complete(tenant, upload);
      await abort(tenant, upload);
      expect(await usageOf(tenant)).toMatchObject({ bytes: 5, objects: 1, reservedBytes: 0 });
    });
  });

  describe('when the time of an upload is over', () => {
    test.each(['put', 'form', 'multipart'])('the room of a %s is given back', async (method) => {
      await begin(60, { method });
      await sweep();
      expect(await usageOf(tenant)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 0 });
      expect(await sweep()).toBe(0);
    });

    test('and not before', async () => {
      await begin(60);
      await sweepWith({ ...service, now: () => new Date() });
      expect(await usageOf(tenant)).toMatchObject({ reservedBytes: 60 });
    });

    test('what has arrived without being completed is counted', async () => {
      await send(await begin(60), 'x'.repeat(60));
      await sweep();
      expect(await usageOf(tenant)).toMatchObject({ bytes: 60, objects: 1, reservedBytes: 0 });
    });

    test('what has arrived after the abort is counted, also past the ceiling', async () => {
      const aborted = await begin(60);
      await abort(tenant, aborted);
      await tenant.store(key('b'), 'x'.repeat(60));
      await send(aborted, 'x'.repeat(60));
      await sweep();
      expect(await usageOf(tenant)).toMatchObject({ bytes: 120, objects: 2, reservedBytes: 0 });
      const command = { bucket: 'files', key: key('c'), sizeBytes: 1 };
      expect(await tenant.refusal('POST', '/v1/uploads', command)).toBe('403 quota_exceeded');
    });

    test('what an address has brought back after the deletion is counted', async () => {
      const upload = await tenant.store(key(), 'x'.repeat(60));
      await remove(tenant, key());
      expect(await usageOf(tenant)).toMatchObject({ bytes: 0, objects: 0 });
      await send(upload, 'x'.repeat(60));
      await sweep();
      expect(await usageOf(tenant)).toMatchObject({ bytes: 60, objects: 1, reservedBytes: 0 });
    });

    test('a few are settled at a time, and in the end all', async () => {
      for (const name of 'abcde') await begin(1, { key: key(name) });
      expect(await sweep(1)).toBe(5);
      expect(await usageOf(tenant)).toMatchObject({ reservedBytes: 0 });
    });

    test('a clock that jumps there and back leaves everything exact', async () => {
      const upload = await begin(60);
      await sweep();
      later(-week);
      await begin(50, { key: key('b'), method: 'form' });
      service.setClock(() => new Date());
      await send(upload, 'x'.repeat(60));
      await complete(tenant, upload);
      expect(await usageOf(tenant)).toMatchObject({ bytes: 60, objects: 1, reservedBytes: 50 });
      await sweep();
      expect(await usageOf(tenant)).toMatchObject({ bytes: 60, objects: 1, reservedBytes: 0 });
    });
  });

  describe('an object', () => {
    test('is given back when it is deleted, once', async () => {
      await tenant.store(key(), 'x'.repeat(60));
      await Promise.all([remove(tenant, key()), remove(tenant, key()), remove(tenant, key())]);
      expect(await usageOf(tenant)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 0 });
    });

    test('is given back when it is deleted among others', async () => {
      const names = ['a', 'b', 'c', 'd'];
      for (const name of names) await tenant.store(key(name), 'xy');
      const keys = [...names.slice(1), 'none'].map(key);
      await Promise.all(
        [keys, keys].map((keys) => tenant.call('POST', '/v1/objects/files/delete', { keys })),
      );
      expect(await usageOf(tenant)).toMatchObject({ bytes: 2, objects: 1 });
    });

    test('takes the place of the one that it overwrites', async () => {
      await tenant.store(key(), 'x'.repeat(60));
      await tenant.store(key(), 'x'.repeat(10));
      expect(await usageOf(tenant)).toMatchObject({ bytes: 10, objects: 1, reservedBytes: 0 });
    });

    test('of another tenant that is overwritten is given back to that one', async () => {
      const other = await asTenant(root, `other-${tenants}`);
      await other.store(key(), 'x'.repeat(60));
      await tenant.store(key(), 'x'.repeat(10));
      expect(await usageOf(other)).toMatchObject({ bytes: 0, objects: 0 });
      await remove(other, key());
      expect(await usageOf(tenant)).toMatchObject({ bytes: 0, objects: 0 });
    });

    test('counts with each of its versions, until that one is deleted', async () => {
      const versions: (string | undefined)[] = [];
      for (const text of ['one', 'three']) {
        const upload = await tenant.store(key(), text, { bucket: 'versions' });
        const path = `/v1/uploads/${upload.uploadId}/complete`;
        versions.push((await tenant.ask(completedAnswer, 'POST', path)).versionId);
      }
      const usage = async () => {
        const { usage } = await tenant.ask(usageAnswer, 'GET', '/v1/usage');
        return usage.find(({ bucket }) => bucket === 'versions');
      };
      await tenant.call('DELETE', `/v1/objects/versions/${key()}`);
      expect(await usage()).toMatchObject({ bytes: 8, objects: 2 });
      await tenant.call('DELETE', `/v1/objects/versions/${key()}?versionId=${versions[0]}`);
      expect(await usage()).toMatchObject({ bytes: 5, objects: 1 });
    });

    test('names its tenant in storage, where no caller of the API sees or sets it', async () => {
      await tenant.store(key(), 'x', { metadata: { owner: 'me' } });
      const { metadata } = await service.storage.head({ bucket: 'files', key: key() });
      expect(metadata).toMatchObject({ 'stowage-tenant': `tenant-${tenants}` });
      const answer = await tenant.ask(objectAnswer, 'GET', `/v1/objects/files/${key()}`);
      expect(answer.metadata).toEqual({ owner: 'me' });
      for (const name of ['stowage-tenant', 'Stowage-Tenant', 'STOWAGE-upload', 'stowage-new']) {
        const command = { bucket: 'files', key: key(), sizeBytes: 1, metadata: { [name]: 'other' } };
        expect(await root.refusal('POST', '/v1/uploads', command)).toBe('400 invalid_request');
      }
    });
  });

  describe('whose', () => {
    test('each tenant has its own, and a quota in its own name goes before that for all', async () => {
      await begin(100);
      const large = await asTenant(root, 'large');
      await large.begin({ key: key('b'), sizeBytes: 900 });
      expect(await usageOf(large)).toMatchObject({ reservedBytes: 900, maxBytes: 1000 });
      const boundless = await asTenant(root, 'boundless');
      await boundless.begin({ key: key('c'), sizeBytes: 10_000 });
      expect(await usageOf(boundless)).toBeUndefined();
    });

    test('callers without a tenant have one together', async () => {
      await root.begin({ key: key(), sizeBytes: 70 });
      const nobody = await asTenant(root);
      const command = { bucket: 'files', key: key(), sizeBytes: 31 };
      expect(await nobody.refusal('POST', '/v1/uploads', command)).toBe('403 quota_exceeded');
      expect(await usageOf(nobody)).toMatchObject({ tenant: '', reservedBytes: 70 });
    });

    test('a tenant sees its own usage, also where it may do everything; root sees that of all', async () => {
      await begin(1);
      const admin = await root.delegate({
        tenant: `tenant-${tenants}`,
        grants: [{ bucket: '*', actions: [...actions] }],
      });
      const { usage } = await admin.ask(usageAnswer, 'GET', '/v1/usage');
      expect(new Set(usage.map((row) => row.tenant))).toEqual(new Set([`tenant-${tenants}`]));
      const ofAll = await root.ask(usageAnswer, 'GET', '/v1/usage');
      expect(ofAll.usage).toContainEqual(expect.objectContaining({ tenant: `tenant-${tenants}` }));
      expect(ofAll.usage).toContainEqual(expect.objectContaining({ tenant: 'large' }));
    });

    test('a caller sees nothing of a bucket that none of its grants reaches', async () => {
      const reader = await root.delegate({
        tenant: 'large',
        grants: [{ bucket: 'versions', actions: ['read'] }],
      });
      const { usage } = await reader.ask(usageAnswer, 'GET', '/v1/usage');
      expect(usage).toEqual([
        { tenant: 'large', bucket: 'versions', bytes: 0, objects: 0, reservedBytes: 0, maxBytes: 100 },
      ]);
    });
  });

  test('where there is none, the database is not asked', async () => {
    databaseCalls = 0;
    const boundless = await asTenant(root, 'boundless');
    const upload = await boundless.store(key(), 'text');
    await abort(boundless, upload);
    await tenant.store(key(), 'text', { bucket: 'free' });
    await tenant.call('DELETE', `/v1/objects/free/${key()}`);
    await tenant.call('POST', '/v1/objects/free/delete', { keys: [key()] });
    expect(databaseCalls).toBe(0);
    await begin(1);
    expect(databaseCalls).toBe(1);
  });

  test('a process that ends behind the reservation leaves what the sweep gives back', async () => {
    isEnding = true;
    const command = { bucket: 'files', key: key(), sizeBytes: 60 };
    expect(await tenant.refusal('POST', '/v1/uploads', command)).toBe('503 records_unavailable');
    isEnding = false;
    expect(await usageOf(tenant)).toMatchObject({ reservedBytes: 60 });
    await sweep();
    expect(await usageOf(tenant)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 0 });
  });
});

/** Records that tell of each call, and whose writes are done without an answer while the process is ending. */
function watched(records: Records, onCall: () => void, isEnding: () => boolean): Records {
  const told =
    <P extends unknown[], T>(method: (...parameters: P) => Promise<T>) =>
    async (...parameters: P) => {
      onCall();
      return method(...parameters);
    };
  return {
    ...records,
    get: told(records.get),
    list: told(records.list),
    transact: told(async (changes) => {
      const result = await records.transact(changes);
      if (isEnding()) throw new StowageError('records_unavailable', 'The process has ended.');
      return result;
    }),
  };
}
