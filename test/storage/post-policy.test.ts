import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { targetOf } from '../../lib/storage/endpoint.ts';
import { presignPost } from '../../lib/storage/post-policy.ts';
import { key, sdkClient, signer } from './arbitraries.ts';

// The SDK reads the clock of the machine.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const text = fc.string({ unit: 'binary', maxLength: 60 });
const fields = fc.record(
  {
    'Content-Type': text,
    'x-amz-meta-note': text,
    'x-amz-checksum-sha256': fc.base64String(),
    tagging: text,
    success_action_status: fc.constantFrom('200', '201', '204'),
  },
  { requiredKeys: [] },
);
const condition = fc.oneof(
  fc.tuple(fc.constant('content-length-range' as const), fc.nat(), fc.maxSafeNat()),
  fc.tuple(
    fc.constantFrom('eq' as const, 'starts-with' as const),
    fc.constantFrom('$Content-Type' as const, '$x-amz-meta-name' as const),
    text,
  ),
  text.map((acl) => ({ acl })),
);
// The SDK drops a condition that it is given twice.
const conditions = fc.uniqueArray(condition, {
  maxLength: 4,
  selector: (condition) => JSON.stringify(condition),
});

test('a form equals the one of the AWS SDK, its policy to the byte', async () => {
  await fc.assert(
    fc.asyncProperty(signer, key, fields, conditions, async (signer, key, fields, conditions) => {
      vi.setSystemTime(signer.time);
      const expected = await createPresignedPost(sdkClient(signer), {
        Bucket: signer.bucket,
        Key: key,
        Fields: fields,
        Conditions: conditions,
        Expires: signer.expiresInSeconds,
      });
      const form = presignPost(
        targetOf(signer.endpoint, signer.bucket),
        { bucket: signer.bucket, key },
        fields,
        conditions,
        signer,
      );
      expect(form).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('the policy says when it ends, what it takes and which object it writes', () => {
  const { fields } = presignPost(
    targetOf({ origin: 'https://s3.eu-west-1.amazonaws.com', style: 'virtual' }, 'media'),
    { bucket: 'media', key: 'in/${filename}' },
    { 'Content-Type': 'image/png' },
    [['content-length-range', 7, 7]],
    {
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
      region: 'eu-west-1',
      time: new Date('2026-01-02T03:04:05.678Z'),
      expiresInSeconds: 60,
    },
  );
  // The SDK would widen a key that ends with ${filename} to every key of its folder.
  expect(JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString())).toEqual({
    expiration: '2026-01-02T03:05:05Z',
    conditions: [
      ['content-length-range', 7, 7],
      { 'Content-Type': 'image/png' },
      { bucket: 'media' },
      { 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256' },
      { 'X-Amz-Credential': 'AKIDEXAMPLE/20260102/eu-west-1/s3/aws4_request' },
      { 'X-Amz-Date': '20260102T030405Z' },
      { 'X-Amz-Security-Token': 'token' },
      { key: 'in/${filename}' },
    ],
  });
});
