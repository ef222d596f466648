import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { everything } from '../../lib/access/grants.ts';
import { type Keyring, makeKeyring, rotateKeyring } from '../../lib/access/keyring.ts';
import { createSeal } from '../../lib/access/seal.ts';
import { mintToken } from '../../lib/access/token.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';
import { buildLambdaFunction, type LambdaFunction } from '../support/lambda-function.ts';
import { type LambdaProcess, startLambda } from '../support/lambda-process.ts';
import { rootKey } from '../support/service.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';

const grants = [{ bucket: 'files', prefix: '', actions: ['read' as const] }];

describe('a standalone process whose signing key is rotated', () => {
  let dataDir = '';
  let service: StandaloneProcess;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'stowage-rotated-'));
    service = await startStandaloneProcess({ dataDir });
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    await rm(dataDir, { recursive: true });
  });

  const call = (path: string, credential: string, body?: unknown) =>
    fetch(service.apiUrl + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  async function mint(): Promise<string> {
    const { token }: { token: string } = await (await call('/v1/tokens', rootKey, { grants })).json();
    return token;
  }
  /** The part of a token that names its key. */
  const keyIdOf = (token: string) =>
    Buffer.from(token.split('_')[1] ?? '', 'base64url').toString('hex', 0, 4);
  const rotate = (...more: readonly string[]) =>
    promisify(execFile)(process.execPath, ['functions/standalone.ts', 'rotate-signing-key', ...more], {
      env: { PATH: process.env['PATH'], STOWAGE_DATA_DIR: dataDir },
    });

  test('takes the new one up, and breaks no session that lives', async () => {
    const token = await mint();
    const upload = await call('/v1/uploads', rootKey, {
      bucket: 'files',
      key: 'a',
      sizeBytes: 20 * 2 ** 20,
      method: 'multipart',
    });
    const { uploadId }: { uploadId: string } = await upload.json();

    const { stdout } = await rotate();
    expect(stdout).toContain('A new key seals from now on');
    await vi.waitFor(async () => expect(keyIdOf(await mint())).not.toBe(keyIdOf(token)), {
      timeout: 10_000,
      interval: 100,
    });
    expect((await call('/v1/me', token)).status).toBe(200);
    expect((await call(`/v1/uploads/${uploadId}`, rootKey)).status).toBe(200);
    expect((await call(`/v1/uploads/${uploadId}/parts`, rootKey, { partNumbers: [1] })).status).toBe(200);
  });

  test('is not rotated by a command that is spelt otherwise', async () => {
    await expect(rotate('--now')).rejects.toThrow('takes one of: start, rotate-signing-key');
  });
});

describe('a Lambda environment that is older than the signing key', () => {
  const old = makeKeyring();
  const current = rotateKeyring(old);
  let built: LambdaFunction;
  let lambda: LambdaProcess;
  beforeAll(async () => {
    const signingSecret = [old, current].map((keyring) => JSON.stringify(keyring));
    built = await buildLambdaFunction(parseConfig({ buckets: { files: {} } }), { signingSecret });
    lambda = await startLambda(built.modulePath, built.environment);
  });
  afterAll(async () => {
    await lambda.stop();
    await built.close();
  });

  function tokenBy(keyring: Keyring): string {
    const now = new Date();
    const root = { kind: 'root', sub: 'root', grants: [everything] } as const;
    return mintToken(
      createSeal(keyring, () => now),
      root,
      { grants, expiresInSeconds: 60 },
      now,
    ).token;
  }
  async function me(token: string) {
    const event = toApiGatewayEvent('GET', '/v1/me', { authorization: `Bearer ${token}` });
    return (await lambda.invoke(event)).result.statusCode;
  }

  test('reads it again for a token that another one has sealed, but not for every made-up token', async () => {
    expect(await me(tokenBy(old))).toBe(200);
    expect(built.signingKeyReads()).toBe(1);

    expect(await me(tokenBy(current))).toBe(200);
    expect(built.signingKeyReads()).toBe(2);
    expect(await me(tokenBy(old))).toBe(200);

    for (let count = 0; count < 5; count += 1) expect(await me(tokenBy(makeKeyring()))).toBe(401);
    expect(built.signingKeyReads()).toBe(2);
  });
});
