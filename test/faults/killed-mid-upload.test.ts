import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partsAnswer, uploadAnswer, uploadStatusAnswer } from '../../lib/uploads/schema.ts';
import { rootKey } from '../support/service.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';

const run = promisify(execFile);

/** What one can do with curl alone. In CI with a file that is larger than the memory of a small machine. */
const sizeBytes = process.env.CI ? 2 * 2 ** 30 + 12_345 : 160 * 2 ** 20 + 12_345;
const parallelParts = 4;
const maxMemoryBytes = 256 * 2 ** 20;

describe('an upload by curl, with the server killed half-way', () => {
  let folder = '';
  let file = '';
  let service: StandaloneProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-killed-'));
    file = join(folder, 'original');
    await writeRandomFile(file, sizeBytes);
    service = await startStandaloneProcess({ dataDir: join(folder, 'data') });
  });

  afterAll(async () => {
    await service.end('SIGKILL');
    await rm(folder, { recursive: true });
  });

  test(
    'resumes from its id, completes, and comes back whole and by ranges',
    { timeout: 600_000 },
    async () => {
      const api = async <T>(schema: v.GenericSchema<unknown, T>, path: string, body?: unknown) =>
        v.parse(schema, JSON.parse(await curlApi(service.apiUrl + path, body)));

      const upload = await api(uploadAnswer, '/v1/uploads', {
        bucket: 'files',
        key: 'big/file.bin',
        sizeBytes,
      });
      if (upload.method !== 'multipart') throw new Error(`expected multipart, got ${upload.method}`);
      const { partCount, partSizeBytes } = upload.multipart;
      const numbers = Array.from({ length: partCount }, (_, index) => index + 1);
      const path = `/v1/uploads/${upload.uploadId}`;

      async function send(partNumbers: readonly number[]): Promise<void> {
        const { parts } = await api(partsAnswer, `${path}/parts`, { partNumbers });
        const queue = parts.values();
        const worker = async () => {
          for (const { partNumber, url } of queue)
            await curlPart(file, url, (partNumber - 1) * partSizeBytes, partSizeBytes);
        };
        await Promise.all(Array.from({ length: parallelParts }, worker));
      }

      const half = Math.ceil(partCount / 2);
      await send(numbers.slice(0, half));
      // The rest is under way when the process dies: some of it arrives, some does not.
      const interrupted = send(numbers.slice(half)).catch(() => 'interrupted');
      await new Promise((resolve) => setTimeout(resolve, 100));
      const peakBefore = service.peakMemoryBytes();
      await service.end('SIGKILL');
      await interrupted;

      const ports = [service.apiUrl, service.s3Url].map((url) => Number(new URL(url).port));
      service = await startStandaloneProcess({
        dataDir: join(folder, 'data'),
        apiPort: ports[0] ?? 0,
        s3Port: ports[1] ?? 0,
      });

      const { state, parts } = await api(uploadStatusAnswer, path);
      expect(state).toBe('pending');
      const arrived = new Set(parts.map(({ partNumber }) => partNumber));
      expect(numbers.slice(0, half).filter((number) => !arrived.has(number))).toEqual([]);

      await send(numbers.filter((number) => !arrived.has(number)));
      const completed = JSON.parse(await curlApi(`${service.apiUrl}${path}/complete`, {}));
      expect(completed).toMatchObject({ bucket: 'files', key: 'big/file.bin', sizeBytes });

      const content = `${service.apiUrl}/v1/content/files/big/file.bin`;
      const whole = join(folder, 'whole');
      await run('curl', ['-sSfL', '-o', whole, '-H', `authorization: Bearer ${rootKey}`, content]);
      expect(await sha256(whole)).toBe(await sha256(file));

      const middle = Math.floor(sizeBytes / 2);
      const pieces = [`0-${middle - 1}`, `${middle}-`];
      await writeFile(join(folder, 'ranges'), '');
      for (const range of pieces) {
        await run('sh', [
          '-c',
          'curl -sSfL -r "$1" -H "authorization: Bearer $2" "$3" >> "$4"',
          'sh',
          range,
          rootKey,
          content,
          join(folder, 'ranges'),
        ]);
      }
      expect(await sha256(join(folder, 'ranges'))).toBe(await sha256(file));

      expect(Math.max(peakBefore, service.peakMemoryBytes())).toBeLessThan(maxMemoryBytes);
    },
  );
});

async function curlApi(url: string, body?: unknown): Promise<string> {
  const send = body === undefined ? [] : ['-H', 'content-type: application/json', '-d', JSON.stringify(body)];
  const { stdout } = await run('curl', ['-sSf', '-H', `authorization: Bearer ${rootKey}`, ...send, url], {
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** Sends one slice of the file as curl users do: through a pipe, with its exact length. */
async function curlPart(file: string, url: string, offset: number, partSizeBytes: number): Promise<void> {
  const script =
    'tail -c +"$1" "$2" | head -c "$3" > "$4" && curl -sSf -o /dev/null -T "$4" "$5"; status=$?; rm -f "$4"; exit $status';
  const slice = `${file}.${offset}`;
  await run('sh', ['-c', script, 'sh', String(offset + 1), file, String(partSizeBytes), slice, url]);
}

async function writeRandomFile(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'w');
  const block = Buffer.alloc(2 ** 24);
  for (let written = 0; written < bytes; written += block.length) {
    randomFillSync(block, 0, 64 * 1024);
    await handle.write(block, 0, Math.min(block.length, bytes - written));
  }
  await handle.close();
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest('hex');
}
