import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import { completedAnswer, uploadAnswer } from '../../lib/uploads/schema.ts';
import { startStore } from '../embedded/server.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { connectionTo, createRecordsTable } from '../support/records-table.ts';
import { rootKey } from '../support/service.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';

/** Two processes that share a store, a table of records and a file of secrets are one service. */

const requestsPerMinute = 10;
const table = 'stowage-records';

describe('two processes', () => {
  let folder: string;
  let dynamodb: DynamoDbLocal | undefined;
  let isOut = false;
  let store: Awaited<ReturnType<typeof startStore>>;
  const processes: StandaloneProcess[] = [];

  beforeAll(async () => {
    dynamodb = await startDynamoDbLocal();
    if (!dynamodb) return;
    await createRecordsTable(dynamodb.endpoint, table);
    store = await startStore();
    folder = await mkdtemp(join(tmpdir(), 'stowage-replicas-'));
    const configPath = join(folder, 'stowage.json');
    await writeFile(configPath, JSON.stringify({ buckets: { files: {} }, limits: { requestsPerMinute } }));
    const { credentials } = connectionTo(dynamodb.endpoint);
    const environment = {
      STOWAGE_CONFIG: configPath,
      STOWAGE_SECRETS_FILE: join(folder, 'secrets.json'),
      STOWAGE_S3_ENDPOINT: store.endpoint,
      STOWAGE_S3_ACCESS_KEY_ID: store.credentials.accessKeyId,
      STOWAGE_S3_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
      STOWAGE_TABLE_NAME: table,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    for (const name of ['one', 'other']) {
      processes.push(await startStandaloneProcess({ dataDir: join(folder, name), environment }));
    }
  }, 240_000);
  beforeEach(({ skip }) => skip(!dynamodb, 'the database of records is absent'));
  afterAll(async () => {
    if (!dynamodb) return;
    await Promise.all(processes.map((process) => process.end('SIGTERM')));
    await store.stop();
    if (!isOut) await dynamodb.stop();
    await rm(folder, { recursive: true });
  });

  const call = (index: number, method: string, path: string, body?: unknown, credential = rootKey) =>
    fetch(`${processes[index]?.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const grants = [{ bucket: 'files', actions: ['read', 'write'] }];

  async function tokenOf(sub: string): Promise<string> {
    const answer = await call(0, 'POST', '/v1/tokens', { sub, grants });
    return v.parse(tokenAnswer, await answer.json()).token;
  }

  /** Calls by turns, and what each was told: again by somebody else where a minute has ended meanwhile. */
  async function callByTurns(count: number): Promise<readonly { status: number; remaining: number }[]> {
    for (let attempt = 0; ; attempt += 1) {
      const token = await tokenOf(`caller ${attempt}`);
      const told = [];
      for (let index = 0; index < count; index += 1) {
        const { status, headers } = await call(index % 2, 'GET', '/v1/buckets', undefined, token);
        const number = (name: string) => Number(headers.get(name));
        told.push({ status, remaining: number('ratelimit-remaining'), reset: number('ratelimit-reset') });
      }
      const resets = told.map(({ reset }) => reset);
      if (resets.every((reset) => reset <= (resets[0] ?? 0))) {
        return told.map(({ status, remaining }) => ({ status, remaining }));
      }
    }
  }

  test('a key made in the one opens the other', async () => {
    const made = await call(0, 'POST', '/v1/keys', { name: 'of the tests', grants });
    const { key } = v.parse(newKeyAnswer, await made.json());
    expect((await call(1, 'GET', '/v1/me', undefined, key)).status).toBe(200);
  });

  test('an upload begun in the one is completed in the other', async () => {
    const token = await tokenOf('uploader');
    const command = { bucket: 'files', key: 'a', sizeBytes: 6, method: 'multipart' };
    const begun = await call(0, 'POST', '/v1/uploads', command, token);
    const upload = v.parse(uploadAnswer, await begun.json());
    if (upload.method !== 'multipart') throw new Error(upload.method);
    for (const { url, headers } of upload.multipart.parts) {
      expect((await fetch(url, { method: 'PUT', headers, body: 'object' })).status).toBe(200);
    }
    const done = await call(1, 'POST', `/v1/uploads/${upload.uploadId}/complete`, undefined, token);
    expect(v.parse(completedAnswer, await done.json())).toMatchObject({ key: 'a', sizeBytes: 6 });
  });

  test('the limit is one, and each tells what is left of it', async () => {
    const allowed = Array.from({ length: requestsPerMinute }, (_, index) => ({
      status: 200,
      remaining: requestsPerMinute - 1 - index,
    }));
    const refused = { status: 429, remaining: 0 };
    expect(await callByTurns(requestsPerMinute + 2)).toEqual([...allowed, refused, refused]);
  });

  test('with the records away, each limits by itself and says so once', async () => {
    const token = await tokenOf('the last');
    expect((await call(0, 'GET', '/v1/buckets', undefined, token)).status).toBe(200);
    await dynamodb?.stop();
    isOut = true;
    const statuses = [];
    for (let count = 0; count < 2 * requestsPerMinute; count += 1) {
      statuses.push((await call(0, 'GET', '/v1/buckets', undefined, token)).status);
    }
    expect(statuses.slice(0, requestsPerMinute)).toEqual(
      Array.from({ length: requestsPerMinute }, () => 200),
    );
    expect(statuses.at(-1)).toBe(429);
    const said = processes[0]?.output().split('Rate limits are counted by this process alone').length;
    expect(said).toBe(2);
  });
});
