import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { codeOf, type S3Target, useTarget } from './target.ts';
import { presigned, send } from './wire.ts';

const day = 86_400_000;
const base = { ID: 'r', Status: 'Enabled', Filter: { Prefix: '' } } as const;

export function describeLifecycle(start: () => Promise<S3Target>): void {
  describe('the lifecycle of a bucket', () => {
    const target = useTarget(start);
    const put = (Rules: LifecycleRule[]) =>
      target().s3.putBucketLifecycleConfiguration({
        Bucket: target().bucket,
        LifecycleConfiguration: { Rules },
      });

    test('comes back as it was put, and goes', async () => {
      const { s3, bucket: Bucket } = target();
      expect(await codeOf(s3.getBucketLifecycleConfiguration({ Bucket }))).toBe(
        'NoSuchLifecycleConfiguration',
      );
      const Rules: LifecycleRule[] = [
        { ...base, ID: 'days', Filter: { Prefix: 'a & b/' }, Expiration: { Days: 1 } },
        { ...base, ID: 'old form', Filter: undefined, Prefix: 'old/', Expiration: { Days: 2 } },
        {
          ...base,
          ID: 'date',
          Status: 'Disabled',
          Filter: { Tag: { Key: 'kind', Value: 'log' } },
          Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
        },
        {
          ...base,
          ID: 'all',
          Filter: {
            And: {
              Prefix: 'all/',
              Tags: [
                { Key: 'a', Value: '1' },
                { Key: 'b', Value: '' },
              ],
              ObjectSizeGreaterThan: 0,
              ObjectSizeLessThan: 1_000_000,
            },
          },
          Transitions: [
            { Days: 30, StorageClass: 'STANDARD_IA' },
            { Days: 60, StorageClass: 'GLACIER' },
          ],
          NoncurrentVersionExpiration: { NoncurrentDays: 90, NewerNoncurrentVersions: 5 },
          NoncurrentVersionTransitions: [
            { NoncurrentDays: 0, NewerNoncurrentVersions: 1, StorageClass: 'DEEP_ARCHIVE' },
          ],
        },
        {
          ...base,
          ID: 'rest',
          Filter: { ObjectSizeLessThan: 10 },
          Expiration: { ExpiredObjectDeleteMarker: true },
        },
        { ...base, ID: 'uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
      ];
      const { TransitionDefaultMinimumObjectSize } = await put(Rules);
      expect(TransitionDefaultMinimumObjectSize).toBe('all_storage_classes_128K');
      expect((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules).toEqual(Rules);
      await s3.putBucketLifecycleConfiguration({
        Bucket,
        TransitionDefaultMinimumObjectSize: 'varies_by_storage_class',
        LifecycleConfiguration: { Rules: [{ ...base, ID: undefined, Expiration: { Days: 1 } }] },
      });
      const second = await s3.getBucketLifecycleConfiguration({ Bucket });
      expect(second.TransitionDefaultMinimumObjectSize).toBe('varies_by_storage_class');
      expect(second.Rules).toEqual([
        { ...base, ID: expect.stringMatching(/.{8,}/), Expiration: { Days: 1 } },
      ]);
      await s3.deleteBucketLifecycle({ Bucket });
      expect(await codeOf(s3.getBucketLifecycleConfiguration({ Bucket }))).toBe(
        'NoSuchLifecycleConfiguration',
      );
    });

    const expires = { Expiration: { Days: 5 } };
    const moves = (Days: number, StorageClass: 'STANDARD_IA' | 'GLACIER') => ({ Days, StorageClass });
    test.each<[code: string, rules: object[]]>([
      ['MalformedXML', []],
      ['MalformedXML', [{ ...base, Status: 'On', ...expires }]],
      ['MalformedXML', [{ ID: 'r', Status: 'Enabled', ...expires }]],
      ['MalformedXML', [{ ...base, Prefix: '', ...expires }]],
      ['MalformedXML', [{ ...base, Filter: { And: { Prefix: 'a' } }, ...expires }]],
      ['MalformedXML', [{ ...base, Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }]],
      ['MalformedXML', [{ ...base, Expiration: {} }]],
      ['MalformedXML', [{ ...base, Transitions: [{ StorageClass: 'GLACIER' }] }]],
      ['MalformedXML', [{ ...base, NoncurrentVersionExpiration: { NewerNoncurrentVersions: 5 } }]],
      ['InvalidRequest', [base]],
      ['InvalidArgument', [{ ...base, Expiration: { Days: 0 } }]],
      ['InvalidArgument', [{ ...base, Expiration: { Days: -1 } }]],
      ['InvalidArgument', [{ ...base, Expiration: { Date: new Date('2030-01-01T12:00:00Z') } }]],
      ['InvalidArgument', [{ ...base, ID: 'x'.repeat(256), ...expires }]],
      [
        'InvalidArgument',
        [
          { ...base, ...expires },
          { ...base, ...expires },
        ],
      ],
      ['InvalidArgument', [{ ...base, Transitions: [moves(29, 'STANDARD_IA')] }]],
      ['InvalidArgument', [{ ...base, Transitions: [moves(-1, 'GLACIER')] }]],
      ['InvalidArgument', [{ ...base, Transitions: [{ Days: 1, StorageClass: 'STANDARD' }] }]],
      ['InvalidArgument', [{ ...base, Transitions: [moves(60, 'STANDARD_IA'), moves(60, 'GLACIER')] }]],
      ['InvalidRequest', [{ ...base, Transitions: [moves(1, 'GLACIER'), moves(2, 'GLACIER')] }]],
      ['InvalidArgument', [{ ...base, Transitions: [moves(5, 'GLACIER')], ...expires }]],
      ['InvalidArgument', [{ ...base, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 0 } }]],
      [
        'InvalidArgument',
        [{ ...base, NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 101 } }],
      ],
      ['InvalidArgument', [{ ...base, NoncurrentVersionExpiration: { NoncurrentDays: 0 } }]],
      [
        'InvalidRequest',
        [
          {
            ...base,
            Expiration: { Days: 9 },
            Transitions: [{ Date: new Date('2030-01-01T00:00:00Z'), StorageClass: 'GLACIER' }],
          },
        ],
      ],
      [
        'InvalidRequest',
        [
          {
            ...base,
            Filter: { Tag: { Key: 'a', Value: '1' } },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      ],
      [
        'InvalidRequest',
        [
          {
            ...base,
            Filter: { ObjectSizeGreaterThan: 1 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      ],
      [
        'InvalidRequest',
        [
          {
            ...base,
            Filter: { Tag: { Key: 'a', Value: '1' } },
            Expiration: { ExpiredObjectDeleteMarker: true },
          },
        ],
      ],
      [
        'InvalidRequest',
        [
          {
            ...base,
            Filter: { And: { ObjectSizeGreaterThan: 10, ObjectSizeLessThan: 10 } },
            ...expires,
          },
        ],
      ],
      [
        'InvalidRequest',
        [
          {
            ...base,
            Filter: {
              And: {
                Tags: [
                  { Key: 'a', Value: '1' },
                  { Key: 'a', Value: '2' },
                ],
              },
            },
            ...expires,
          },
        ],
      ],
      ['InvalidArgument', Array.from({ length: 1001 }, (_, at) => ({ ...base, ID: `${at}`, ...expires }))],
    ])('is refused with %s for %j', async (code, rules) => {
      // What is no rule cannot be typed as one.
      expect(await codeOf(put(rules as LifecycleRule[]))).toBe(code);
    });

    test('is told with the objects that it will end', async () => {
      const { s3, bucket: Bucket } = target();
      await put([
        { ...base, ID: 'late', Filter: { Prefix: 'told/' }, Expiration: { Days: 9 } },
        { ...base, ID: 'soon & sure', Filter: { Prefix: 'told/' }, Expiration: { Days: 3 } },
        { ...base, ID: 'off', Status: 'Disabled', Filter: { Prefix: 'told/' }, Expiration: { Days: 1 } },
        { ...base, ID: 'abort', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
      ]);
      const midnight = (days: number) =>
        new Date((Math.floor(Date.now() / day) + days + 1) * day).toUTCString();
      const told = `expiry-date="${midnight(3)}", rule-id="soon%20%26%20sure"`;
      const object = { Bucket, Key: 'told/k' };
      expect((await s3.putObject({ ...object, Body: 'x' })).Expiration).toBe(told);
      expect((await s3.headObject(object)).Expiration).toBe(told);
      expect((await s3.getObject(object)).Expiration).toBe(told);
      const copied = await s3.copyObject({ ...object, Key: 'told/copy', CopySource: `${Bucket}/told/k` });
      expect(copied.Expiration).toBe(told);
      expect((await s3.putObject({ Bucket, Key: 'other', Body: 'x' })).Expiration).toBeUndefined();

      const upload = await s3.createMultipartUpload(object);
      expect(upload).toMatchObject({ AbortDate: new Date(midnight(2)), AbortRuleId: 'abort' });
      const { UploadId } = upload;
      expect((await s3.listParts({ ...object, UploadId })).AbortRuleId).toBe('abort');
      const { ETag } = await s3.uploadPart({ ...object, UploadId, PartNumber: 1, Body: 'x' });
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      expect((await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload })).Expiration).toBe(
        told,
      );
    });

    test('is refused where its document holds what S3 does not know', async () => {
      const rule = '<ID>a</ID><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>';
      for (const [status, inside] of [
        [200, `<Rule>${rule}</Rule>`],
        [400, `<Rule>${rule}<Expire>1</Expire></Rule>`],
        [400, `<Rule>${rule}<Status>Enabled</Status></Rule><Other/>`],
        [400, `<Rule>${rule.replace('<Days>1', '<Days>one')}</Rule>`],
        [400, `<Rule>${rule.replace('<Days>1', '<Days>1</Days><Days>2')}</Rule>`],
      ] as const) {
        const url = presigned(target(), '', { method: 'PUT', query: [['lifecycle', '']] });
        const body = `<LifecycleConfiguration>${inside}</LifecycleConfiguration>`;
        expect((await send(url, { method: 'PUT', body })).status, inside).toBe(status);
      }
    });
  });
}
