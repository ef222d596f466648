import { afterAll, beforeAll, expect, test } from 'vitest';
import * as v from 'valibot';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';

/** Calls of the database, in their order. */
const calls: string[] = [];

async function openCounted(file: string, now: () => Date): Promise<Records> {
  const records = await openSqliteRecords({ file, now });
  const counted = (name: keyof Records) => ({
    [name]: (...args: unknown[]) => {
      if (name !== 'close') calls.push(`${name} ${JSON.stringify(args[0])}`);
      return (records[name] as (...all: unknown[]) => unknown)(...args);
    },
  });
  const names = Object.keys(records) as (keyof Records)[];
  return Object.assign({ ...records }, ...names.map(counted)) as Records;
}

let service: TestService;
let credentials: {
  readonly root: string;
  readonly key: string;
  readonly token: string;
  readonly once: string;
};

beforeAll(async () => {
  const quotas = [{ tenant: 'acme', bucket: 'counted', maxBytes: 1e9 }];
  service = await openTestService(
    { buckets: { files: {}, counted: {} }, quotas },
    { openRecords: openCounted },
  );
  // The time stands still, so that what is remembered stays fresh.
  const time = new Date();
  service.setClock(() => time);
  const grants = [{ bucket: '*', actions: ['read', 'write', 'list'] }];
  const key = v.parse(
    newKeyAnswer,
    await (await service.call('POST', '/v1/keys', { name: 'a', grants })).json(),
  ).key;
  const mint = async (command: object) =>
    v.parse(tokenAnswer, await (await service.call('POST', '/v1/tokens', { grants, ...command })).json())
      .token;
  credentials = {
    root: rootKey,
    key,
    token: await mint({ tenant: 'acme' }),
    once: await mint({ singleUse: true, grants: [{ bucket: '*', actions: ['write'] }] }),
  };
  // Once each, so that the key and the list of revocations are known.
  for (const credential of [key, credentials.token])
    await service.call('GET', '/v1/me', undefined, credential);
});
afterAll(() => service.stop());

async function callsOf(credential: string, method: string, path: string, body?: unknown) {
  const before = calls.length;
  const answer = await service.call(method, path, body, credential);
  expect(answer.status, await answer.clone().text()).toBeLessThan(400);
  return { answer, made: calls.slice(before) };
}

test.each(['root', 'key', 'token'] as const)('who signs with a %s waits for no database', async (who) => {
  const credential = credentials[who];
  const upload = { bucket: 'files', key: 'a', sizeBytes: 20 * 2 ** 20, method: 'multipart' };
  const begun = await callsOf(credential, 'POST', '/v1/uploads', upload);
  const { uploadId } = v.parse(uploadAnswer, await begun.answer.json());
  const parts = await callsOf(credential, 'POST', `/v1/uploads/${uploadId}/parts`, { partNumbers: [1, 2] });
  const items = [{ bucket: 'files', key: 'a' }];
  const download = await callsOf(credential, 'POST', '/v1/downloads', { items });
  const content = await callsOf(credential, 'GET', '/v1/content/files/a');
  const small = await callsOf(credential, 'POST', '/v1/uploads', { bucket: 'files', key: 'b', sizeBytes: 1 });
  const made = [begun, parts, download, content, small].flatMap((one) => one.made);
  expect(made).toEqual([]);
});

test('a quota costs one transaction, and a single-use token one record', async () => {
  const upload = { bucket: 'counted', key: 'a', sizeBytes: 1 };
  const counted = await callsOf(credentials.token, 'POST', '/v1/uploads', upload);
  expect(counted.made).toHaveLength(1);
  expect(counted.made[0]).toMatch(/^transact .*"action":"put".*"action":"add"/);
  const once = await callsOf(credentials.once, 'POST', '/v1/uploads', { ...upload, bucket: 'files' });
  expect(once.made).toHaveLength(1);
  expect(once.made[0]).toMatch(/^put .*"used-tokens"/);
});
