import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type BucketRules, maxObjectBytesOfS3 } from '../../lib/config/schema.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { decideUpload, partSizeBytesOf } from '../../lib/uploads/decide.ts';
import { type UploadCommand, uploadCommand } from '../../lib/uploads/schema.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

function command(wish: Partial<UploadCommand>): UploadCommand {
  return { ...v.parse(uploadCommand, { bucket: 'files', key: 'a', sizeBytes: 1 }), ...wish };
}

function rules(given: Partial<BucketRules> = {}): BucketRules {
  const { files } = parseConfig({ buckets: { files: {} } }).buckets;
  if (!files) throw new Error('no rules');
  return { ...files, ...given };
}

describe('an upload is decided', () => {
  test('parts fill the object exactly, within all limits of S3', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxObjectBytesOfS3 }), (sizeBytes) => {
        const plan = decideUpload(command({ sizeBytes, method: 'multipart' }), rules());
        if (!('partCount' in plan)) throw new Error(JSON.stringify(plan));
        const { partCount, partSizeBytes } = plan;
        const last = partSizeBytesOf(partCount, { sizeBytes, ...plan });
        expect(partCount).toBeLessThanOrEqual(10_000);
        expect(partSizeBytes).toBeGreaterThanOrEqual(5 * mebibyte);
        expect(partSizeBytes).toBeLessThanOrEqual(5 * gibibyte);
        expect(last).toBeGreaterThan(0);
        expect(last).toBeLessThanOrEqual(partSizeBytes);
        expect((partCount - 1) * partSizeBytes + last).toBe(sizeBytes);
      }),
      {
        numRuns: 2000,
        examples: [[1], [maxObjectBytesOfS3], [16 * mebibyte], [16 * mebibyte + 1], [160_000 * mebibyte]],
      },
    );
  });

  test.each<[string, Partial<UploadCommand>, Partial<BucketRules>, object]>([
    ['small: one request', { sizeBytes: 16 * mebibyte }, {}, { method: 'put' }],
    ['empty: one request', { sizeBytes: 0 }, {}, { method: 'put' }],
    ['larger: in parts', { sizeBytes: 16 * mebibyte + 1 }, {}, { method: 'multipart', partCount: 2 }],
    [
      'with a checksum that only one request proves: one request',
      { sizeBytes: gibibyte, checksum: { algorithm: 'sha256', value: '' } },
      {},
      { method: 'put' },
    ],
    [
      'with a CRC64NVME: in parts',
      { sizeBytes: gibibyte, checksum: { algorithm: 'crc64nvme', value: '' } },
      {},
      { method: 'multipart' },
    ],
    [
      'with a checksum that no way can prove: refused',
      { sizeBytes: 6 * gibibyte, checksum: { algorithm: 'sha256', value: '' } },
      {},
      { code: 'checksum_not_supported' },
    ],
    [
      'too large for one request: refused',
      { sizeBytes: 6 * gibibyte, method: 'put' },
      {},
      { code: 'object_too_large' },
    ],
    ['an empty multipart: refused', { sizeBytes: 0, method: 'multipart' }, {}, { code: 'invalid_request' }],
    [
      'a form with If-None-Match: refused',
      { method: 'form', ifNoneMatch: '*' },
      {},
      { code: 'invalid_request' },
    ],
    [
      'a form with an MD5: refused',
      { method: 'form', checksum: { algorithm: 'md5', value: '' } },
      {},
      { code: 'checksum_not_supported' },
    ],
    ['as large as the bucket takes', { sizeBytes: 10 }, { maxObjectBytes: 10 }, { method: 'put' }],
    [
      'larger than the bucket takes: refused',
      { sizeBytes: 11 },
      { maxObjectBytes: 10 },
      { code: 'object_too_large' },
    ],
    [
      'of a type that the bucket does not take: refused',
      { contentType: 'text/html' },
      { contentTypes: ['image/*'] },
      { code: 'content_type_not_allowed' },
    ],
    [
      'of a type that the bucket takes',
      { contentType: 'image/png' },
      { contentTypes: ['image/*'] },
      { method: 'put' },
    ],
  ])('%s', (_, wish, given, expected) => {
    expect(decideUpload(command(wish), rules(given))).toMatchObject(expected);
  });
});
