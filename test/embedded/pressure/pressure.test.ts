import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { paginateListParts } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import { bytesOf, codeOf, useTarget } from '../acceptance/target.ts';
import { presigned, sendRaw } from '../acceptance/wire.ts';
import { type MeasuredStore, startMeasuredStore } from './measured-store.ts';

const isCi = process.env['CI'] === 'true';
const idle = 1000;
const slow = 300;
const parts = isCi ? 10_000 : 300;
/** Of the whole process: what it has when it has done nothing, and the buffers of so many that move no byte. */
const maxBytes = (110 + 1.25 * slow) * 2 ** 20;

describe('the store under pressure', { timeout: 300_000 }, () => {
  let store: MeasuredStore;
  const target = useTarget(async () => (store = await startMeasuredStore()));
  const sockets: Socket[] = [];

  async function open(text: string): Promise<Socket> {
    const { hostname, port } = new URL(target().endpoint);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }
  const openMany = (count: number, textOf: (at: number) => string) =>
    Promise.all(Array.from({ length: count }, (_, at) => open(textOf(at))));

  /** The head of an upload that is signed for so many bytes. */
  function putHead(key: string, sizeBytes: number): string {
    const url = new URL(presigned(target(), key, { method: 'PUT' }));
    const { pathname, search, host } = url;
    return `PUT ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${sizeBytes}\r\n\r\n`;
  }

  afterEach(async () => {
    const { s3, bucket: Bucket } = target();
    // Whoever comes is served, while all of these are still there.
    const body = Buffer.alloc(2_000_000, 'served');
    await s3.putObject({ Bucket, Key: 'served', Body: body });
    expect(body.equals(await bytesOf(await s3.getObject({ Bucket, Key: 'served' })))).toBe(true);
    expect(store.peakBytes()).toBeLessThan(maxBytes);
    for (const socket of sockets.splice(0)) socket.destroy();
    const { Contents = [] } = await s3.listObjectsV2({ Bucket });
    expect(Contents.map(({ Key }) => Key)).toEqual(['served']);
  });

  test(`of ${idle} connections that say nothing serves the others`, async () => {
    await openMany(idle, () => '');
  });

  test(`of ${slow} that never come to the end of their headers serves the others`, async () => {
    await openMany(slow, () => `GET / HTTP/1.1\r\nhost: x\r\nx-slow: ${'x'.repeat(20_000)}`);
  });

  test(`of ${slow} uploads that stop in the middle serves the others`, async () => {
    await openMany(slow, (at) => putHead(`stopped/${at}`, 50_000_000) + 'x'.repeat(300_000));
  });

  test(`of ${slow} uploads that break off serves the others, and keeps nothing of them`, async () => {
    const opened = await openMany(slow, (at) => putHead(`broken/${at}`, 50_000_000) + 'x'.repeat(300_000));
    for (const socket of opened) socket.destroy();
  });

  test('of downloads that nobody reads serves the others', async () => {
    const { s3, bucket: Bucket } = target();
    await s3.putObject({ Bucket, Key: 'large', Body: Buffer.alloc(20_000_000) });
    const { pathname, search, host } = new URL(presigned(target(), 'large', { method: 'GET' }));
    const opened = await openMany(slow, () => `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    for (const socket of opened) socket.pause();
    await s3.deleteObject({ Bucket, Key: 'large' });
  });

  test.each([
    ['one header of a megabyte', { 'x-large': 'x'.repeat(2 ** 20) }, 431],
    [
      'ten thousand headers',
      Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`x-${at}`, 'x'])),
      431,
    ],
    ['metadata of more than 2 KiB', { 'x-amz-meta-large': 'x'.repeat(3000) }, 400],
  ])('of %s refuses it', async (_, headers, status) => {
    const isMetadata = status === 400;
    const url = presigned(target(), 'refused', { method: 'PUT', ...(isMetadata && { headers }) });
    const answer = await sendRaw(url, { method: 'PUT', headers }).catch((error: unknown) => error);
    // The sender of so much may see its connection end before it reads the answer.
    if (!(answer instanceof Error)) expect(answer).toMatchObject({ status });
    else expect(answer).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) });
  });

  test('of a document that is announced as a terabyte refuses it unread', async () => {
    const url = presigned(target(), '', { method: 'POST', query: [['delete', '']] });
    const { pathname, search, host } = new URL(url);
    const head = `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${2 ** 40}\r\n\r\n<Delete>`;
    const socket = await open(head);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test(`of ${parts} small parts of one upload keeps, lists and removes them`, async () => {
    const { s3, bucket: Bucket } = target();
    const Key = 'parts';
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const upload = { Bucket, Key, UploadId };
    const etags = new Map<number, string | undefined>();
    const numbers = Array.from({ length: parts }, (_, at) => at + 1).values();
    const send = async () => {
      for (const PartNumber of numbers) {
        const { ETag } = await s3.uploadPart({ ...upload, PartNumber, Body: `part ${PartNumber}` });
        etags.set(PartNumber, ETag);
      }
    };
    await Promise.all(Array.from({ length: 32 }, send));
    let listed = 0;
    for await (const page of paginateListParts({ client: s3 }, upload)) listed += page.Parts?.length ?? 0;
    expect(listed).toBe(parts);
    const Parts = Array.from(etags, ([PartNumber, ETag]) => ({ PartNumber, ETag })).toSorted(
      (a, b) => a.PartNumber - b.PartNumber,
    );
    // Only the last part may be small.
    expect(await codeOf(s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } }))).toBe(
      'EntityTooSmall',
    );
    await s3.abortMultipartUpload(upload);
    expect((await s3.listMultipartUploads({ Bucket })).Uploads).toBeUndefined();
  });
});
