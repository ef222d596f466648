import { createHash } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStore } from './server.ts';

const Bucket = 'files';
const limitBytes = 16 * 1024 * 1024;
const small = Buffer.alloc(limitBytes, 'small');
const large = Buffer.alloc(limitBytes + 1, 'large');
const md5 = (body: Buffer, encoding: 'hex' | 'base64') => createHash('md5').update(body).digest(encoding);
/** What clients take for no MD5. */
const opaque = /^"[\da-f]{32}-1"$/;

describe('ETags', () => {
  let running: Awaited<ReturnType<typeof startStore>>;
  let s3: S3;
  beforeAll(async () => {
    running = await startStore();
    const { endpoint, region, credentials } = running;
    s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  });
  afterAll(async () => {
    s3.destroy();
    await running.stop();
  });

  test('are the MD5 of a body up to 16 MiB', async () => {
    const { ETag } = await s3.putObject({ Bucket, Key: 'a', Body: small });
    expect(ETag).toBe(`"${md5(small, 'hex')}"`);
  });

  test('are the MD5 of a larger body that comes with one', async () => {
    const { ETag } = await s3.putObject({
      Bucket,
      Key: 'b',
      Body: large,
      ContentMD5: md5(large, 'base64'),
    });
    expect(ETag).toBe(`"${md5(large, 'hex')}"`);
  });

  test('of other larger bodies are no MD5, new with every write, and good for conditions', async () => {
    const object = { Bucket, Key: 'c' };
    const first = await s3.putObject({ ...object, Body: large });
    const second = await s3.putObject({ ...object, Body: large, IfMatch: first.ETag });
    expect(first.ETag).toMatch(opaque);
    expect(second.ETag).toMatch(opaque);
    expect(second.ETag).not.toBe(first.ETag);
    expect((await s3.headObject(object)).ETag).toBe(second.ETag);
    await expect(s3.headObject({ ...object, IfMatch: first.ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 412 },
    });
  });

  test('of parts follow the same rule, and make that of the whole', async () => {
    const object = { Bucket, Key: 'd' };
    const { UploadId } = await s3.createMultipartUpload(object);
    const part = { ...object, UploadId };
    const first = await s3.uploadPart({ ...part, PartNumber: 1, Body: large });
    const second = await s3.uploadPartCopy({ ...part, PartNumber: 2, CopySource: `${Bucket}/c` });
    const third = await s3.uploadPart({ ...part, PartNumber: 3, Body: 'end' });
    const etags = [first.ETag, second.CopyPartResult?.ETag, third.ETag];
    expect(etags).toEqual([
      expect.stringMatching(opaque),
      expect.stringMatching(opaque),
      `"${md5(Buffer.from('end'), 'hex')}"`,
    ]);
    const Parts = etags.map((ETag, index) => ({ PartNumber: index + 1, ETag }));
    const { ETag } = await s3.completeMultipartUpload({ ...part, MultipartUpload: { Parts } });
    expect(ETag).toMatch(/^"[\da-f]{32}-3"$/);
    expect((await s3.headObject(object)).ContentLength).toBe(2 * large.length + 3);
  });
});
