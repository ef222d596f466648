import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeServer, drain, listen } from '../../lib/hosts/node.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';
import { stowage } from './stowage.ts';

let service: TestService;
let server: Server;
let url: string;
let folder: string;

beforeAll(async () => {
  service = await openTestService();
  server = createNodeServer(service.app);
  url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  folder = await mkdtemp(join(tmpdir(), 'stowage-cli-'));
  await writeFile(join(folder, 'note.txt'), 'a note');
});

afterAll(async () => {
  await drain(server, 1);
  await service.stop();
  await rm(folder, { recursive: true });
});

const runAs = (key: string, ...args: string[]) => stowage(args, { url, key, folder });
const run = (...args: string[]) => runAs(rootKey, ...args);

test(
  'a key is made, works as far as it may, is rotated, disabled, enabled and deleted',
  { timeout: 120_000 },
  async () => {
    const made = await run(
      'keys',
      'create',
      'ci',
      '--json',
      '--grant',
      'read,write:files/ci/',
      '--deny',
      'write:files/ci/old/',
    );
    expect(made.code, made.stderr).toBe(0);
    const keySchema = v.object({ keyId: v.string(), key: v.string() });
    const { keyId, key } = v.parse(keySchema, JSON.parse(made.stdout));
    expect(await runAs(key, 'put', 'note.txt', 'files/ci/')).toMatchObject({ code: 0 });
    expect(await runAs(key, 'put', 'note.txt', 'files/ci/old/')).toMatchObject({ code: 4 });

    const listed = await run('keys', 'list');
    expect(listed.stdout).toMatch(
      new RegExp(
        `^${keyId}  enabled   used \\d{4}-\\d\\d-\\d\\d  ends never       ci  read,write:files/ci/ not write:files/ci/old/$`,
        'm',
      ),
    );
    expect(listed.stdout).not.toContain(key);

    const rotated = await run('keys', 'rotate', keyId);
    expect(rotated).toMatchObject({ code: 0, stderr: 'The old text is refused from now on.\n' });
    expect(await runAs(key, 'get', 'files/ci/note.txt', '-')).toMatchObject({ code: 4 });
    const renewed = rotated.stdout.trim();
    expect(await runAs(renewed, 'get', 'files/ci/note.txt', '-')).toMatchObject({
      code: 0,
      stdout: 'a note',
    });

    expect(await run('keys', 'disable', keyId)).toMatchObject({ code: 0 });
    expect(await runAs(renewed, 'get', 'files/ci/note.txt', '-')).toMatchObject({ code: 4 });
    expect(await run('keys', 'enable', keyId)).toMatchObject({ code: 0 });
    expect(await runAs(renewed, 'get', 'files/ci/note.txt', '-')).toMatchObject({ code: 0 });
    expect(await run('keys', 'rm', keyId)).toMatchObject({ code: 0 });
    expect(await run('keys', 'rm', keyId)).toMatchObject({ code: 3 });
  },
);

test('a token for one download gives one, and a revoked one none', { timeout: 120_000 }, async () => {
  await run('put', 'note.txt', 'files/shared/');
  const once = await run('tokens', 'create', '--once', '--grant', 'read:files/shared/');
  expect(once.code, once.stderr).toBe(0);
  const { body, status } = await fetch(
    `${url}/v1/content/files/shared/note.txt?access_token=${once.stdout.trim()}`,
  );
  expect(status).toBe(200);
  await body?.cancel();
  const again = await fetch(`${url}/v1/content/files/shared/note.txt?access_token=${once.stdout.trim()}`);
  expect(await again.json()).toMatchObject({ status: 401, code: 'token_used' });

  const made = await run('tokens', 'create', '--json', '--grant', 'all:*');
  const { token, tokenId } = v.parse(
    v.object({ token: v.string(), tokenId: v.string() }),
    JSON.parse(made.stdout),
  );
  expect(await runAs(token, 'ls')).toMatchObject({ code: 0 });
  expect(await run('tokens', 'revoke', tokenId)).toMatchObject({ code: 0 });
  expect(await runAs(token, 'ls')).toMatchObject({ code: 4 });
});

test.each([
  [['keys']],
  [['keys', 'toString']],
  [['keys', 'create', 'ci']],
  [['keys', 'create', 'ci', '--grant', 'fly:files']],
  [['keys', 'create', 'ci', '--grant', 'read']],
  [['keys', 'rotate']],
  [['keys', 'list', 'all']],
  [['tokens', 'create', '--grant', 'read:files', '--expires', 'soon']],
  [['tokens', 'revoke']],
])('%j is wrong usage', async (args) => {
  expect(await run(...args)).toMatchObject({ code: 2, stdout: '' });
});
