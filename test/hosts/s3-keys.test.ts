import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as v from 'valibot';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { newKeyAnswer, rotatedKeyAnswer } from '../../lib/keys/schema.ts';
import { codeOf } from '../embedded/acceptance/target.ts';
import { region, rootKey } from '../support/service.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';

let dataDir = '';
let service: StandaloneProcess;
const clients: S3[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-s3-keys-'));
  service = await startStandaloneProcess({ dataDir });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await service.end('SIGKILL');
  await rm(dataDir, { recursive: true });
});

async function call(method: string, path: string, body?: unknown, credential = rootKey): Promise<unknown> {
  const answer = await fetch(service.apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.ok, text).toBe(true);
  return text === '' ? undefined : JSON.parse(text);
}

const teamA = { bucket: 'files', prefix: 'team-a/', actions: ['read', 'list'] };

async function makeKey(name: string, grants: readonly object[] = [teamA], maker = rootKey) {
  const made = v.parse(newKeyAnswer, await call('POST', '/v1/keys', { name, grants }, maker));
  if (!made.s3) throw new Error('The key has no S3 credentials.');
  return { keyId: made.keyId, key: made.key, s3: made.s3 };
}

function clientOf(credentials: { accessKeyId: string; secretAccessKey: string }): S3 {
  const client = new S3({
    endpoint: service.s3Url,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}
const list = (s3: S3, Prefix = 'team-a/') => s3.listObjectsV2({ Bucket: 'files', Prefix });

test('an API key opens the S3 port as far as its grants reach', async () => {
  const { s3 } = await makeKey('rclone');
  const client = clientOf(s3);
  expect((await list(client)).KeyCount).toBe(0);
  expect(await codeOf(list(client, ''))).toBe('AccessDenied');
  expect(await codeOf(client.putObject({ Bucket: 'files', Key: 'team-a/k', Body: 'k' }))).toBe(
    'AccessDenied',
  );
  expect(await codeOf(list(clientOf({ ...s3, secretAccessKey: `${s3.secretAccessKey}x` })))).toBe(
    'SignatureDoesNotMatch',
  );
});

test('is shut out at once when it is disabled, let in again, and gone when it is deleted', async () => {
  const { keyId, s3 } = await makeKey('backup');
  const client = clientOf(s3);
  await list(client);
  await call('PATCH', `/v1/keys/${keyId}`, { enabled: false });
  expect(await codeOf(list(client))).toBe('InvalidAccessKeyId');
  await call('PATCH', `/v1/keys/${keyId}`, { enabled: true });
  await list(client);
  await call('DELETE', `/v1/keys/${keyId}`);
  expect(await codeOf(list(client))).toBe('InvalidAccessKeyId');
});

test('is shut out with the key or the token that it was made by', async () => {
  const administer = { bucket: '*', actions: ['read', 'list', 'admin'] };
  const maker = await makeKey('maker', [administer]);
  const { token, tokenId } = v.parse(tokenAnswer, await call('POST', '/v1/tokens', { grants: [administer] }));
  const [ofKey, ofToken] = [
    clientOf((await makeKey('of a key', [teamA], maker.key)).s3),
    clientOf((await makeKey('of a token', [teamA], token)).s3),
  ];
  await list(ofKey);
  await list(ofToken);
  await call('DELETE', `/v1/keys/${maker.keyId}`);
  await call('POST', '/v1/tokens/revoke', { tokenId });
  expect(await codeOf(list(ofKey))).toBe('InvalidAccessKeyId');
  expect(await codeOf(list(ofToken))).toBe('InvalidAccessKeyId');
});

test('a rotation gives new credentials, and lets the old ones live on for as long as it says', async () => {
  const { keyId, s3 } = await makeKey('rotated');
  const rotate = async (overlapSeconds: number) => {
    const answer = v.parse(
      rotatedKeyAnswer,
      await call('POST', `/v1/keys/${keyId}/rotate`, { overlapSeconds }),
    );
    if (!answer.s3) throw new Error('The key has no S3 credentials.');
    return clientOf(answer.s3);
  };
  const second = await rotate(600);
  await list(clientOf(s3));
  await list(second);
  const third = await rotate(0);
  await list(third);
  expect(await codeOf(list(second))).toBe('InvalidAccessKeyId');
  expect(await codeOf(list(clientOf(s3)))).toBe('InvalidAccessKeyId');
});

test('its secret stands in no file', async () => {
  const { s3 } = await makeKey('secret');
  await list(clientOf(s3));
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    expect((await readFile(join(parentPath, name))).includes(s3.secretAccessKey), name).toBe(false);
  }
});
