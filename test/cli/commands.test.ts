import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeServer, drain, listen } from '../../lib/hosts/node.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';
import { startStowage, stowage } from './stowage.ts';

/** Every command against the real service and store. */

const big = randomBytes(40 * 2 ** 20 + 11);

let service: TestService;
let server: Server;
let url: string;
let folder: string;

beforeAll(async () => {
  service = await openTestService({
    buckets: { files: {}, photos: { contentTypes: ['image/*'] }, counted: {} },
    quotas: [{ tenant: '*', bucket: 'counted', maxBytes: 1024, maxObjects: 10 }],
  });
  server = createNodeServer(service.app);
  url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  folder = await mkdtemp(join(tmpdir(), 'stowage-cli-'));
  await writeFile(join(folder, 'big.bin'), big);
  await writeFile(join(folder, 'note.txt'), 'a note');
  await writeFile(join(folder, 'empty.txt'), '');
});

afterAll(async () => {
  await drain(server, 1);
  await service.stop();
  await rm(folder, { recursive: true });
});

const run = (...args: string[]) => stowage(args, { url, key: rootKey, folder });
const json = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('put and get', () => {
  test('carry a file of several parts there and back', async () => {
    expect(await run('put', 'big.bin', 'files/a/b.bin')).toMatchObject({ code: 0, stdout: '' });
    expect(await run('get', 'files/a/b.bin', 'back.bin')).toMatchObject({ code: 0, stdout: '' });
    expect((await readFile(join(folder, 'back.bin'))).equals(big)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.endsWith('.stowage-part'))).toEqual([]);
    expect(await readdir(join(folder, '.state/stowage/uploads'))).toEqual([]);
  });

  test('carry an empty file', async () => {
    expect(await run('put', 'empty.txt', 'files')).toMatchObject({ code: 0 });
    expect(await run('get', 'files/empty.txt', 'empty-back.txt')).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, 'empty-back.txt'))).toHaveLength(0);
  });

  test('several files go into a folder, each under its name and type', async () => {
    const { code, stdout } = await run('put', '--json', 'note.txt', 'empty.txt', 'files/many/');
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject([
      {
        file: 'note.txt',
        bucket: 'files',
        key: 'many/note.txt',
        sizeBytes: 6,
        contentType: 'text/plain; charset=utf-8',
      },
      { file: 'empty.txt', key: 'many/empty.txt', sizeBytes: 0 },
    ]);
  });

  test('standard input and output', async () => {
    const putting = await stowage(['put', '--json', '-', 'files/piped.json'], {
      url,
      key: rootKey,
      folder,
      input: '{"a":1}',
    });
    expect(json(putting.stdout)).toMatchObject([
      { file: '-', key: 'piped.json', contentType: 'application/json' },
    ]);
    expect(await run('get', 'files/piped.json', '-')).toMatchObject({ code: 0, stdout: '{"a":1}' });
  });

  test('--no-overwrite leaves an object that is there alone', async () => {
    await run('put', 'note.txt', 'files/kept');
    const { code, stderr } = await run('put', '--no-overwrite', 'big.bin', 'files/kept');
    expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining('is there already') });
    expect(await run('get', 'files/kept', '-')).toMatchObject({ stdout: 'a note' });
  });
});

describe('ls', () => {
  beforeAll(async () => {
    await run('put', 'note.txt', 'files/ls/1.txt');
    await run('put', 'note.txt', 'files/ls/ä/2.txt');
  });

  test('lists buckets, folders and keys', async () => {
    expect((await run('ls')).stdout).toBe('files\nphotos\ncounted\n');
    expect((await run('ls', 'files/ls/')).stdout).toBe('ls/1.txt\nls/ä/\n');
    expect((await run('ls', '-r', 'files/ls/')).stdout).toBe('ls/1.txt\nls/ä/2.txt\n');
    expect((await run('ls', '-l', 'files/ls/1')).stdout).toMatch(
      /^ {6}6 B {2}\d{4}-\d\d-\d\dT[\d:]{8}Z {2}ls\/1\.txt\n$/,
    );
  });

  test('--json gives a line for each', async () => {
    const { stdout } = await run('ls', '--json', 'files/ls/');
    expect(json(stdout)).toMatchObject([{ key: 'ls/1.txt', sizeBytes: 6 }, { prefix: 'ls/ä/' }]);
  });
});

describe('rm', () => {
  test('deletes keys', async () => {
    await run('put', 'note.txt', 'empty.txt', 'files/rm/');
    const { code, stdout } = await run('rm', '--json', 'files/rm/note.txt', 'files/rm/empty.txt');
    expect({ code, results: json(stdout) }).toMatchObject({
      code: 0,
      results: [
        { bucket: 'files', key: 'rm/note.txt', deleted: true },
        { bucket: 'files', key: 'rm/empty.txt', deleted: true },
      ],
    });
    expect(await run('ls', 'files/rm/')).toMatchObject({ code: 3 });
  });

  test('a whole prefix only with --yes where nobody can be asked', async () => {
    await run('put', 'note.txt', 'files/tree/a/1');
    await run('put', 'note.txt', 'files/tree/2');
    const asked = await run('rm', '-r', 'files/tree/');
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect((await run('ls', '-r', 'files/tree/')).stdout).toBe('tree/2\ntree/a/1\n');
    expect(await run('rm', '-r', '--yes', 'files/tree/')).toMatchObject({ code: 0 });
    expect(await run('ls', 'files/tree/')).toMatchObject({ code: 3 });
  });
});

test('share prints an address that needs no key', async () => {
  await run('put', 'note.txt', 'files/shared.txt');
  const { stdout } = await run(
    'share',
    'files/shared.txt',
    '--expires',
    '1h',
    '--filename',
    'ä.txt',
    '--inline',
  );
  const response = await fetch(stdout.trim());
  expect(await response.text()).toBe('a note');
  expect(response.headers.get('content-disposition')).toMatch(/^inline; .*filename\*=UTF-8''%C3%A4\.txt/);
  expect(new URL(stdout.trim()).searchParams.get('X-Amz-Expires')).toBe('3600');
});

describe('webhooks', () => {
  const hook = 'https://93.184.215.14/hook';
  const make = async () => {
    const made = await service.call('POST', '/v1/webhooks', { url: hook, bucket: 'files' });
    const { webhookId } = await made.json();
    return { webhookId, found: async () => (await service.call('GET', `/v1/webhooks/${webhookId}`)).json() };
  };

  test('are made, and listed', async () => {
    const { code, stdout } = await run(
      ...`webhooks create ${hook} files/photos/ --suffix .jpg --per-second 5`.split(' '),
      ...'--events object.created,object.deleted --description Thumbnails'.split(' '),
    );
    expect(code).toBe(0);
    const [webhookId, secret] = stdout.split('\n');
    expect(secret).toMatch(/^whsec_/);
    const found = await (await service.call('GET', `/v1/webhooks/${webhookId}`)).json();
    expect(found).toMatchObject({ prefix: 'photos/', maxPerSecond: 5, description: 'Thumbnails' });
    expect((await run('webhooks', 'list')).stdout).toContain(
      `${webhookId}  active    ${hook}  files/photos/….jpg  object.created,object.deleted`,
    );
  });

  test('are shown, and get another secret', async () => {
    const { webhookId, found } = await make();
    expect((await run('webhooks', 'show', webhookId)).stdout).toMatch(/^state +active$/m);
    expect((await run('webhooks', 'rotate-secret', webhookId)).stdout).toMatch(/^whsec_/);
    expect((await found()).secrets).toHaveLength(2);
  });

  test('are disabled, and deleted', async () => {
    const { webhookId, found } = await make();
    expect(await run('webhooks', 'disable', webhookId)).toMatchObject({ code: 0 });
    expect(await found()).toMatchObject({ enabled: false });
    expect(await run('webhooks', 'rm', webhookId)).toMatchObject({ code: 0 });
    expect(await found()).toMatchObject({ code: 'webhook_not_found' });
  });

  test('are tried out; what was sent is listed, and sent once more', async () => {
    const { webhookId } = await make();
    const deliveryId = (await run('webhooks', 'ping', webhookId)).stdout.trim();
    expect((await run('webhooks', 'deliveries', webhookId)).stdout).toBe(
      `${deliveryId}  pending    webhook.ping     0 attempts: not sent yet\n`,
    );
    expect(await run('webhooks', 'replay', deliveryId)).toMatchObject({ code: 0 });
  });
});

describe('events tail', () => {
  test('shows what has happened and what happens, until it is told to end', async () => {
    await run('put', 'note.txt', 'files/tailed/before.txt');
    await service.tellEvents();
    const { child, result } = startStowage(['events', 'tail', 'files/tailed/', '--since', '10m'], {
      url,
      key: rootKey,
      folder,
    });
    let shown = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain('before.txt');
    await run('put', 'note.txt', 'files/elsewhere.txt');
    await run('put', 'note.txt', 'files/tailed/after.txt');
    await service.tellEvents();
    await expect.poll(() => shown, { timeout: 20_000 }).toContain('after.txt');
    child.kill('SIGINT');
    const { code, stdout } = await result;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^[\d-]{10}T[\d:]{8}Z  created +6 B  tailed\/before\.txt$/),
      expect.stringMatching(/  created +6 B  tailed\/after\.txt$/),
    ]);
  });

  test.each([
    [['events', 'tail']],
    [['events', 'head', 'files']],
    [['events', 'tail', 'files', '--since', '2h']],
  ])('%j is wrong usage', async (args) => {
    expect(await run(...args)).toMatchObject({ code: 2 });
  });
});

describe('lifecycle', () => {
  test('shows the rules, and sets them', async () => {
    await writeFile(
      join(folder, 'rules.json'),
      '{"rules":[{"id":"tmp","prefix":"tmp/","expireAfterDays":7}]}',
    );
    const putting = await run('lifecycle', 'put', 'files', 'rules.json', '--json');
    const rules = [{ id: 'abandoned-uploads' }, { id: 'tmp', prefix: 'tmp/', expireAfterDays: 7 }];
    expect(json(putting.stdout)).toMatchObject([{ rules }]);
    expect(JSON.parse((await run('lifecycle', 'get', 'files')).stdout)).toMatchObject({ rules });
    await writeFile(join(folder, 'no-rules.json'), '{}');
    expect(await run('lifecycle', 'put', 'files', 'no-rules.json')).toMatchObject({ code: 2 });
  });
});

test('usage tells what is stored, and what came and went on each day', async () => {
  await run('put', 'note.txt', 'counted/a');
  await run('put', 'note.txt', 'counted/b');
  await run('rm', 'counted/b');
  expect((await run('usage')).stdout).toBe('counted  (no tenant)  6 B in 1 object of 1.0 KiB, 10 objects\n');
  expect((await run('usage', 'days', 'counted')).stdout).toMatch(
    /^\d{4}-\d\d-\d\d {2}\(no tenant\) {2}\+12 B in 2 objects {2}-6 B in 1 object\n$/,
  );
  const { stdout } = await run(
    'usage',
    'days',
    'counted',
    '--from',
    '2026-01-01',
    '--to',
    '2026-01-31',
    '--json',
  );
  expect(stdout).toBe('');
});

describe('exit codes and what is said with them', () => {
  test.each([
    [2, 'BUCKET/KEY', ['put', 'note.txt']],
    [2, 'end in "/"', ['put', 'note.txt', 'empty.txt', 'files/x']],
    [2, 'no key', ['get', 'files']],
    [2, 'no command "copy"', ['copy']],
    [2, "'--nothing'", ['ls', '--nothing']],
    [2, '--expires', ['share', 'files/x', '--expires', 'soon']],
    [2, 'rotate-secret', ['webhooks', 'frobnicate']],
    [2, '--from', ['webhooks', 'replay', 'wh_x']],
    [2, 'no time', ['webhooks', 'replay', 'wh_x', '--from', 'yesterday']],
    [1, 'not an address out on the internet', ['webhooks', 'create', 'https://10.0.0.1/']],
    [3, 'no webhook', ['webhooks', 'show', 'wh_x']],
    [2, 'no address', ['ls', '--url', 'files.example.com']],
    [3, 'missing.txt: no such file', ['put', 'missing.txt', 'files/']],
    [3, 'no object', ['get', 'files/missing']],
    [3, 'no object', ['share', 'files/missing']],
    [3, 'begins with', ['ls', 'files/missing']],
    [3, 'no bucket', ['ls', 'nowhere']],
    [2, 'days BUCKET', ['usage', 'today']],
    [1, 'no day', ['usage', 'days', 'files', '--from', '2026-02-30']],
    [1, 'image/*', ['put', 'note.txt', 'photos/']],
  ] as const)('%i: … %s …', async (code, said, args) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
  });

  test('4 without a key, with a wrong one, and without a grant', async () => {
    expect(await stowage(['ls'], { url, folder })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('STOWAGE_KEY'),
    });
    const wrong = await stowage(['ls', '--json'], { url, folder, key: 'stow_wrong' });
    expect(wrong.code).toBe(4);
    expect(JSON.parse(wrong.stderr)).toMatchObject({
      error: { exitCode: 4, code: 'invalid_credentials', requestId: expect.any(String) },
    });
    const grants = [{ bucket: 'files', prefix: 'mine/', actions: ['write'] }];
    const minted = await service.call('POST', '/v1/tokens', { grants });
    const { token } = await minted.json();
    await writeFile(join(folder, 'key'), `${token}\n`);
    const put = (key: string) => stowage(['put', '--key-file', 'key', 'note.txt', key], { url, folder });
    expect(await put('files/mine/note.txt')).toMatchObject({ code: 0 });
    expect(await put('files/note.txt')).toMatchObject({ code: 4, stderr: expect.stringContaining('grants') });
  });

  test('6 when nobody answers', async () => {
    const unused = createNodeServer(service.app);
    const port = await listen(unused, 0, '127.0.0.1');
    await drain(unused, 1);
    const { code, stderr } = await run('ls', '--url', `http://127.0.0.1:${port}`);
    expect(code).toBe(6);
    expect(stderr).toContain('ECONNREFUSED');
    expect(stderr).toContain('STOWAGE_URL');
  });

  test('0 for --help of each command and for --version', async () => {
    const { stdout } = await run('--help');
    for (const name of ['put', 'get', 'ls', 'rm', 'share', 'lifecycle', 'usage', 'webhooks']) {
      expect(stdout).toContain(`  ${name} `);
      expect(await run(name, '--help')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Usage: stowage ${name}`),
      });
    }
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});
