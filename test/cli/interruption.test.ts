import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, statfs, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FakeBehaviour, type FakeService, startFakeService } from '../client/fake-service.ts';
import { startStowage, stowage } from './stowage.ts';

/** Transfers that are broken off, and what the next run makes of it. */

const mebibyte = 2 ** 20;
/** Two of the chunks that `get` fetches, and a bit. */
const content = randomBytes(33 * mebibyte);

let folder: string;
let service: FakeService;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-cli-'));
});

afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

async function serve(behaviour: FakeBehaviour): Promise<void> {
  service = await startFakeService({
    partSizeBytes: 8 * mebibyte,
    sizeBytes: content.length,
    content,
    ...behaviour,
  });
}

const options = () => ({ url: service.url, key: 'key', folder });

/** Runs a command until something has happened, then ends it. */
async function breakOff(args: readonly string[], reached: () => void, signal: NodeJS.Signals) {
  const { child, result } = startStowage(args, options());
  await vi.waitFor(reached, { timeout: 20_000 });
  child.kill(signal);
  return result;
}

const putArgs = ['put', 'file.bin', 'files/k', '--parallel', '2'];
const getArgs = ['get', 'files/k', 'out.bin', '--parallel', '1'];

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', null],
] as const)('put goes on after %s with the parts that are missing', async (signal, code) => {
  await writeFile(join(folder, 'file.bin'), content);
  let isStuck = true;
  await serve({ onPut: ({ partNumber }) => (isStuck && partNumber > 2 ? 'stall' : undefined) });
  const stopped = await breakOff(putArgs, () => expect(service.puts).toHaveLength(4), signal);
  isStuck = false;
  expect(stopped.code).toBe(code);
  if (code !== null) expect(stopped.stderr).toContain('when the same command is run again');

  const resumed = await stowage(putArgs, options());
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('Going on') });
  expect(service.puts.map(({ partNumber }) => partNumber).toSorted((a, b) => a - b)).toEqual([
    1, 2, 3, 3, 4, 4, 5,
  ]);
  expect(service.stored().equals(content)).toBe(true);
  expect(await readdir(join(folder, '.state/stowage/uploads'))).toEqual([]);
});

test('put begins anew when the file has changed, or the service has forgotten the upload', async () => {
  await writeFile(join(folder, 'file.bin'), content);
  let isStuck = true;
  await serve({
    onPut: ({ partNumber }) => (isStuck && partNumber > 2 ? 'stall' : undefined),
    onCall: (call) => (call.startsWith('GET /v1/uploads/') ? 410 : undefined),
  });
  const issued = () => service.calls.filter((call) => call === 'POST /v1/uploads').length;
  await breakOff(putArgs, () => expect(service.puts).toHaveLength(4), 'SIGINT');
  await utimes(join(folder, 'file.bin'), 1, 1);
  await breakOff(putArgs, () => expect(service.puts).toHaveLength(8), 'SIGINT');
  expect(service.calls.some((call) => call.startsWith('GET /v1/uploads/'))).toBe(false);
  isStuck = false;
  const anew = await stowage(putArgs, options());
  expect(anew).toMatchObject({ code: 0, stderr: expect.stringContaining('beginning anew') });
  expect(issued()).toBe(3);
});

test.each(['SIGINT', 'SIGKILL'] as const)(
  'get goes on after %s with the chunks that are missing',
  async (signal) => {
    await serve({ onGet: ({ start }, count) => (start > 0 && count === 2 ? 'stall' : undefined) });
    await breakOff(getArgs, () => expect(service.gets).toHaveLength(2), signal);
    expect((await readdir(folder)).filter((name) => name.startsWith('out.bin'))).toEqual([
      expect.stringMatching(/^out\.bin\.[\da-f]{8}\.stowage-part$/),
    ]);

    expect(await stowage(getArgs, options())).toMatchObject({ code: 0 });
    expect((await readFile(join(folder, 'out.bin'))).equals(content)).toBe(true);
    // What was not yet known to be on disk is fetched again; a graceful stop has seen to it.
    if (signal === 'SIGINT') expect(service.gets.filter(({ start }) => start === 0)).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual(['out.bin']);
  },
);

test('transfers work, with a remark, where nothing can be remembered', async () => {
  await writeFile(join(folder, '.state'), 'a file where the state folder would be');
  await writeFile(join(folder, 'file.bin'), content);
  await serve({});
  const { code, stderr } = await stowage(putArgs, options());
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('would begin anew') });
  expect(service.stored().equals(content)).toBe(true);
  expect(await stowage(getArgs, options())).toMatchObject({ code: 0 });
});

test('get notices that the object was replaced, and leaves the target alone', async () => {
  await writeFile(join(folder, 'out.bin'), 'before');
  await serve({ onGet: (_, count) => (count === 2 ? 412 : undefined) });
  const { code, stderr } = await stowage(getArgs, options());
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining('replaced') });
  expect(service.gets.every(({ ifMatch }) => ifMatch === '"e"')).toBe(true);
  expect(await readFile(join(folder, 'out.bin'), 'utf8')).toBe('before');
});

test('get asks for room before it fills the disk', async () => {
  const { bavail, bsize } = await statfs(folder);
  await serve({ toldSizeBytes: bavail * bsize + 2 ** 40 });
  const { code, stderr } = await stowage(getArgs, options());
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('free') });
  expect(service.gets).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.startsWith('out'))).toEqual([]);
});
