import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clamd } from '../../lib/inspection/clamd.ts';
import { findProgram } from '../support/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'stowage-clamd-'));
const path = join(folder, 'socket');
afterAll(() => rmSync(folder, { recursive: true }));

async function* inPieces(body: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < body.length; from += pieceBytes) yield body.subarray(from, from + pieceBytes);
}

const program = findProgram('clamd');

describe.runIf(program)('ClamAV', { timeout: 60_000 }, () => {
  // The file that every scanner takes for malware, in two halves: a scanner may look at this one, too.
  const eicar = Buffer.from(
    ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
  );
  let child: ReturnType<typeof spawn>;

  beforeAll(async () => {
    // Its own signatures come by download; that of the test file is its MD5 and length.
    writeFileSync(join(folder, 'test.hdb'), '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n');
    const settings = [
      'Foreground yes',
      `LocalSocket ${path}`,
      `DatabaseDirectory ${folder}`,
      'StreamMaxLength 8M',
    ];
    writeFileSync(join(folder, 'clamd.conf'), settings.map((line) => `${line}\n`).join(''));
    child = spawn(program ?? '', ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' });
    // It listens once it has read its signatures.
    await vi.waitFor(() => clamd({ path }).scan(inPieces(Buffer.from('x'), 1)), {
      timeout: 50_000,
      interval: 100,
    });
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });

  test.each([
    ['the test file', eicar, 1000, { result: 'infected', threats: ['Eicar-Test-Signature.UNOFFICIAL'] }],
    [
      'the test file, byte by byte',
      eicar,
      1,
      { result: 'infected', threats: ['Eicar-Test-Signature.UNOFFICIAL'] },
    ],
    ['something else', Buffer.alloc(3_000_000, 'x'), 1_000_000, { result: 'clean', threats: [] }],
  ])('scans %s', async (_, body, pieceBytes, expected) => {
    expect(await clamd({ path }).scan(inPieces(body, pieceBytes))).toEqual(expected);
  });

  test('says that it does not take so much, unless it hangs up before that is read: then it is to be asked again', async () => {
    const scan = clamd({ path }).scan(inPieces(Buffer.alloc(20_000_000), 1_000_000));
    const ending = await scan.then(
      ({ result }) => result,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(['unscanned', 'EPIPE', 'ECONNRESET']).toContain(ending);
  });
});

describe('a scanner that is out of order', () => {
  test.each([
    ['hangs up', '', /hung up/],
    [
      'has an error',
      "stream: Can't allocate memory ERROR\0",
      /could not scan: stream: Can't allocate memory ERROR/,
    ],
    ['says something else', 'PONG\0', /could not scan: PONG/],
  ])('and %s is to be asked again', async (_, answer, message) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.end(answer);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(clamd({ host: '127.0.0.1', port }).scan(inPieces(Buffer.alloc(100), 10))).rejects.toThrow(
      message,
    );
    server.close();
  });

  test('and not there is to be asked again', async () => {
    await expect(clamd({ path: join(folder, 'absent') }).scan(inPieces(Buffer.alloc(1), 1))).rejects.toThrow(
      'ENOENT',
    );
  });
});
