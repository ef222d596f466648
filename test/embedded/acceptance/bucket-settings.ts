import { describe, expect, test } from 'vitest';
import { codeOf, type S3Target, useTarget } from './target.ts';
import { presigned, send } from './wire.ts';

export function describeBucketSettings(start: () => Promise<S3Target>): void {
  describe('settings of a bucket', () => {
    const target = useTarget(start);

    test('let browsers in by its own CORS rules', async () => {
      const { s3, bucket: Bucket, endpoint } = target();
      expect(await codeOf(s3.getBucketCors({ Bucket }))).toBe('NoSuchCORSConfiguration');
      const CORSRules = [
        {
          AllowedOrigins: ['https://*.example.com'],
          AllowedMethods: ['GET', 'PUT'],
          AllowedHeaders: ['x-amz-*', 'content-type'],
          ExposeHeaders: ['ETag'],
          MaxAgeSeconds: 60,
        },
      ];
      await s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules } });
      expect((await s3.getBucketCors({ Bucket })).CORSRules).toEqual(CORSRules);

      const origin = 'https://app.example.com';
      const ask = (method: string, headers: string, from = origin) =>
        send(`${endpoint}/${Bucket}/k`, {
          method: 'OPTIONS',
          headers: {
            origin: from,
            'access-control-request-method': method,
            'access-control-request-headers': headers,
          },
        });
      const allowed = await ask('PUT', 'Content-Type, x-amz-meta-a');
      expect(allowed.status).toBe(200);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
      expect(allowed.headers.get('access-control-max-age')).toBe('60');
      expect((await ask('DELETE', 'content-type')).status).toBe(403);
      expect((await ask('PUT', 'x-other')).status).toBe(403);
      expect((await ask('PUT', 'content-type', 'https://example.org')).status).toBe(403);

      await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      const get = await send(presigned(target(), 'k', { method: 'GET' }), { headers: { origin } });
      expect(get.headers.get('access-control-allow-origin')).toBe(origin);
      expect(get.headers.get('access-control-expose-headers')?.toLowerCase()).toBe('etag');

      await s3.deleteBucketCors({ Bucket });
      expect((await ask('PUT', 'content-type')).status).toBe(403);
    });

    test('refuse CORS rules that say nothing or too much', async () => {
      const { s3, bucket: Bucket } = target();
      const put = (AllowedOrigins: string[], AllowedMethods: string[]) =>
        s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: [{ AllowedOrigins, AllowedMethods }] } });
      expect(await codeOf(put(['*'], ['PATCH']))).toBe('InvalidRequest');
      expect(await codeOf(put(['https://*.*.com'], ['GET']))).toBe('InvalidRequest');
      expect(await codeOf(put([], ['GET']))).toBe('MalformedXML');
    });

    test('hold tags', async () => {
      const { s3, bucket: Bucket } = target();
      expect(await codeOf(s3.getBucketTagging({ Bucket }))).toBe('NoSuchTagSet');
      const TagSet = [{ Key: 'team', Value: 'a + b' }];
      const { $metadata } = await s3.putBucketTagging({ Bucket, Tagging: { TagSet } });
      expect($metadata.httpStatusCode).toBe(204);
      expect((await s3.getBucketTagging({ Bucket })).TagSet).toEqual(TagSet);
      await s3.deleteBucketTagging({ Bucket });
      expect(await codeOf(s3.getBucketTagging({ Bucket }))).toBe('NoSuchTagSet');
    });

    test('block public access', async () => {
      const { s3, bucket: Bucket } = target();
      const PublicAccessBlockConfiguration = { BlockPublicAcls: true, BlockPublicPolicy: true };
      await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration });
      expect((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration).toMatchObject(
        PublicAccessBlockConfiguration,
      );
      await s3.deletePublicAccessBlock({ Bucket });
      expect(await codeOf(s3.getPublicAccessBlock({ Bucket }))).toBe('NoSuchPublicAccessBlockConfiguration');
    });

    test('send events to EventBridge, and nowhere else', async () => {
      const { s3, bucket: Bucket } = target();
      const put = (NotificationConfiguration: object) =>
        s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration });
      const isOn = async () =>
        (await s3.getBucketNotificationConfiguration({ Bucket })).EventBridgeConfiguration !== undefined;
      expect(await isOn()).toBe(false);
      await put({ EventBridgeConfiguration: {} });
      expect(await isOn()).toBe(true);
      await put({});
      expect(await isOn()).toBe(false);
      const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:queue';
      const toQueue = put({ QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] });
      expect(await codeOf(toQueue)).toBe('InvalidArgument');
    });

    test('leave everything to the owner: no ACL changes that', async () => {
      const { s3, bucket: Bucket } = target();
      await s3.putObject({ Bucket, Key: 'owned', Body: 'x' });
      for (const acl of [
        await s3.getBucketAcl({ Bucket }),
        await s3.getObjectAcl({ Bucket, Key: 'owned' }),
      ]) {
        expect(acl.Grants?.map(({ Permission }) => Permission)).toEqual(['FULL_CONTROL']);
        expect(acl.Grants?.[0]?.Grantee?.ID).toBe(acl.Owner?.ID);
      }
      await s3.putBucketAcl({ Bucket, ACL: 'private' });
      await s3.putObjectAcl({ Bucket, Key: 'owned', ACL: 'bucket-owner-full-control' });
      const refused = 'AccessControlListNotSupported';
      expect(await codeOf(s3.putBucketAcl({ Bucket, ACL: 'public-read' }))).toBe(refused);
      expect(await codeOf(s3.putObjectAcl({ Bucket, Key: 'owned', ACL: 'public-read' }))).toBe(refused);

      const { Owner, Grants } = await s3.getObjectAcl({ Bucket, Key: 'owned' });
      const copied = { Bucket, Key: 'owned', AccessControlPolicy: { Owner, Grants } };
      await s3.putObjectAcl(copied);
      const Grantee = { Type: 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' } as const;
      const AccessControlPolicy = { Owner, Grants: [{ Grantee, Permission: 'READ' as const }] };
      expect(await codeOf(s3.putObjectAcl({ ...copied, AccessControlPolicy }))).toBe(refused);

      const { OwnershipControls } = await s3.getBucketOwnershipControls({ Bucket });
      expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
      await s3.putBucketOwnershipControls({ Bucket, OwnershipControls });
      await s3.deleteBucketOwnershipControls({ Bucket });
      expect(await codeOf(s3.putBucketAcl({ Bucket, ACL: 'public-read' }))).toBe(refused);
    });

    test('are only for those who know the owner, where they say whom they expect', async () => {
      const { s3, bucket: Bucket } = target();
      const ExpectedBucketOwner = (await s3.getBucketAcl({ Bucket })).Owner?.ID;
      const object = { Bucket, Key: 'of its owner' };
      await s3.putObject({ ...object, Body: 'x', ExpectedBucketOwner });
      await s3.headObject({ ...object, ExpectedBucketOwner });
      const copy = { Bucket, Key: 'copy', CopySource: `${Bucket}/of its owner` };
      await s3.copyObject({ ...copy, ExpectedBucketOwner, ExpectedSourceBucketOwner: ExpectedBucketOwner });

      const other = { ExpectedBucketOwner: '999999999999' };
      const denied = [
        s3.getBucketTagging({ Bucket, ...other }),
        s3.putObject({ ...object, Body: 'y', ...other }),
        s3.getObject({ ...object, ...other }),
        s3.deleteObject({ ...object, ...other }),
        s3.copyObject({ ...copy, ExpectedSourceBucketOwner: '999999999999' }),
      ];
      expect(new Set(await Promise.all(denied.map(codeOf)))).toEqual(new Set(['AccessDenied']));
      await expect(s3.headBucket({ Bucket, ...other })).rejects.toMatchObject({
        $metadata: { httpStatusCode: 403 },
      });
      expect((await s3.headObject(object)).ContentLength).toBe(1);
    });

    test('go with their bucket', async () => {
      const { s3 } = target();
      const Bucket = 'settings-come-and-go';
      await s3.createBucket({ Bucket });
      await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } });
      await s3.deleteBucket({ Bucket });
      await s3.createBucket({ Bucket });
      expect(await codeOf(s3.getBucketTagging({ Bucket }))).toBe('NoSuchTagSet');
      await s3.deleteBucket({ Bucket });
    });
  });
}
