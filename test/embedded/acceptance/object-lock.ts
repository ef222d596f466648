import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { codeOf, type S3Target, useTarget } from './target.ts';
import { presigned, send } from './wire.ts';

export function describeObjectLock(start: () => Promise<S3Target>): void {
  describe('object lock', () => {
    const target = useTarget(start);
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);

    async function lockedBucket() {
      const { s3 } = target();
      const Bucket = `locked-${randomUUID()}`;
      await s3.createBucket({ Bucket, ObjectLockEnabledForBucket: true });
      return { s3, Bucket };
    }

    test('comes with versioning, and keeps it', async () => {
      const { s3, Bucket } = await lockedBucket();
      expect((await s3.getBucketVersioning({ Bucket })).Status).toBe('Enabled');
      const { ObjectLockConfiguration } = await s3.getObjectLockConfiguration({ Bucket });
      expect(ObjectLockConfiguration).toEqual({ ObjectLockEnabled: 'Enabled' });
      const suspend = s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Suspended' } });
      expect(await codeOf(suspend)).toBe('InvalidBucketState');
    });

    test('is refused where the bucket has none', async () => {
      const { s3, bucket: Bucket } = target();
      expect(await codeOf(s3.getObjectLockConfiguration({ Bucket }))).toBe(
        'ObjectLockConfigurationNotFoundError',
      );
      const put = s3.putObject({ Bucket, Key: 'k', Body: 'x', ObjectLockLegalHoldStatus: 'ON' });
      expect(await codeOf(put)).toBe('InvalidRequest');
    });

    test('under governance gives way to a bypass alone', async () => {
      const { s3, Bucket } = await lockedBucket();
      const sent = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inHours(1) } as const;
      const { VersionId } = await s3.putObject({ Bucket, Key: 'k', Body: 'x', ...sent });
      const version = { Bucket, Key: 'k', VersionId };
      expect(await s3.headObject(version)).toMatchObject(sent);
      expect(await codeOf(s3.deleteObject(version))).toBe('AccessDenied');
      const { Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: 'k', VersionId }] } });
      expect(Errors?.map(({ Code }) => Code)).toEqual(['AccessDenied']);
      expect((await s3.deleteObject({ Bucket, Key: 'k' })).DeleteMarker).toBe(true);

      const sooner = { Mode: 'GOVERNANCE', RetainUntilDate: inHours(0.5) } as const;
      expect(await codeOf(s3.putObjectRetention({ ...version, Retention: sooner }))).toBe('AccessDenied');
      await s3.putObjectRetention({ ...version, Retention: sooner, BypassGovernanceRetention: true });
      expect((await s3.getObjectRetention(version)).Retention).toEqual(sooner);
      await s3.deleteObject({ ...version, BypassGovernanceRetention: true });
      expect(await codeOf(s3.headObject(version))).toBe('NotFound');
    });

    test('for compliance gives way to nobody, and can only be prolonged', async () => {
      const { s3, Bucket } = await lockedBucket();
      const { VersionId } = await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      const version = { Bucket, Key: 'k', VersionId };
      const retain = (hours: number) =>
        s3.putObjectRetention({
          ...version,
          Retention: { Mode: 'COMPLIANCE', RetainUntilDate: inHours(hours) },
          BypassGovernanceRetention: true,
        });
      await retain(1);
      await retain(2);
      expect(await codeOf(retain(1))).toBe('AccessDenied');
      expect(await codeOf(s3.deleteObject({ ...version, BypassGovernanceRetention: true }))).toBe(
        'AccessDenied',
      );
    });

    test('by a legal hold lasts until the hold is lifted', async () => {
      const { s3, Bucket } = await lockedBucket();
      const { VersionId } = await s3.putObject({ Bucket, Key: 'k', Body: 'x' });
      const version = { Bucket, Key: 'k', VersionId };
      expect(await codeOf(s3.getObjectLegalHold(version))).toBe('NoSuchObjectLockConfiguration');
      await s3.putObjectLegalHold({ ...version, LegalHold: { Status: 'ON' } });
      expect((await s3.getObjectLegalHold(version)).LegalHold?.Status).toBe('ON');
      expect(await codeOf(s3.deleteObject({ ...version, BypassGovernanceRetention: true }))).toBe(
        'AccessDenied',
      );
      await s3.putObjectLegalHold({ ...version, LegalHold: { Status: 'OFF' } });
      await s3.deleteObject(version);
    });

    test('holds by default what comes without a retention of its own', async () => {
      const { s3, Bucket } = await lockedBucket();
      await s3.putObjectLockConfiguration({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } },
        },
      });
      const expectRetained = async (Key: string) => {
        const { ObjectLockMode, ObjectLockRetainUntilDate } = await s3.headObject({ Bucket, Key });
        expect(ObjectLockMode).toBe('GOVERNANCE');
        const hours = (Number(ObjectLockRetainUntilDate) - Date.now()) / 3_600_000;
        expect(hours).toBeGreaterThan(47);
        expect(hours).toBeLessThanOrEqual(48.1);
      };
      await s3.putObject({ Bucket, Key: 'put', Body: 'x' });
      await expectRetained('put');
      await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/put` });
      await expectRetained('copy');
      const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'parts' });
      const { ETag } = await s3.uploadPart({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'x' });
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await s3.completeMultipartUpload({ Bucket, Key: 'parts', UploadId, MultipartUpload });
      await expectRetained('parts');
    });

    test('of a kind that nobody knows is refused', async () => {
      const headers = { 'x-amz-object-lock-event-hold': 'ON' };
      const url = presigned(target(), 'held', { method: 'PUT', headers });
      expect(await send(url, { method: 'PUT', body: 'x', headers })).toMatchObject({
        status: 501,
        code: 'NotImplemented',
      });
    });

    test('holds by default for a hundred years at most', async () => {
      const { s3, Bucket } = await lockedBucket();
      const put = (period: object) =>
        s3.putObjectLockConfiguration({
          Bucket,
          ObjectLockConfiguration: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Mode: 'GOVERNANCE', ...period } },
          },
        });
      for (const period of [{ Days: 0 }, { Days: 36_501 }, { Years: 101 }, { Years: 99_999 }]) {
        expect(await codeOf(put(period))).toBe('InvalidArgument');
      }
      expect(await codeOf(put({ Days: 1, Years: 1 }))).toBe('MalformedXML');
      await put({ Days: 36_500 });
      await put({ Years: 100 });
      await s3.putObject({ Bucket, Key: 'long', Body: 'x' });
      const { ObjectLockRetainUntilDate } = await s3.headObject({ Bucket, Key: 'long' });
      const years = (Number(ObjectLockRetainUntilDate) - Date.now()) / (365 * 86_400_000);
      expect(years).toBeCloseTo(100, 1);
    });

    test('cannot end in the past', async () => {
      const { s3, Bucket } = await lockedBucket();
      const past = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inHours(-1) } as const;
      expect(await codeOf(s3.putObject({ Bucket, Key: 'k', Body: 'x', ...past }))).toBe('InvalidArgument');
      expect(await codeOf(s3.createMultipartUpload({ Bucket, Key: 'k', ...past }))).toBe('InvalidArgument');
      await s3.putObject({ Bucket, Key: 'from', Body: 'x' });
      const copy = s3.copyObject({ Bucket, Key: 'k', CopySource: `${Bucket}/from`, ...past });
      expect(await codeOf(copy)).toBe('InvalidArgument');
    });

    test('cannot last beyond the years that clients can read', async () => {
      const { Bucket } = await lockedBucket();
      const headers = {
        'x-amz-object-lock-mode': 'GOVERNANCE',
        'x-amz-object-lock-retain-until-date': '+010000-01-01T00:00:00.000Z',
      };
      const url = presigned({ ...target(), bucket: Bucket }, 'k', { method: 'PUT', headers });
      expect((await send(url, { method: 'PUT', body: 'x', headers })).code).toBe('InvalidArgument');
    });

    test('is refused where an upload in parts begins, not where it ends', async () => {
      const { s3, bucket } = target();
      const held = { Bucket: bucket, Key: 'k', ObjectLockLegalHoldStatus: 'ON' } as const;
      expect(await codeOf(s3.createMultipartUpload(held))).toBe('InvalidRequest');

      const { Bucket } = await lockedBucket();
      const object = { Bucket, Key: 'k' };
      const ObjectLockRetainUntilDate = new Date(Date.now() + 2000);
      const { UploadId } = await s3.createMultipartUpload({
        ...object,
        ObjectLockMode: 'GOVERNANCE',
        ObjectLockRetainUntilDate,
      });
      const { ETag } = await s3.uploadPart({ ...object, UploadId, PartNumber: 1, Body: 'x' });
      await sleep(Number(ObjectLockRetainUntilDate) - Date.now() + 1);
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await s3.completeMultipartUpload({ ...object, UploadId, MultipartUpload });
      expect(await s3.headObject(object)).toMatchObject({ ObjectLockMode: 'GOVERNANCE' });
    });

    test('and suspended versioning never meet, whichever document comes in the middle of the other', async () => {
      const { s3, region, credentials, endpoint } = target();
      const lock =
        '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>';
      const suspend = '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>';
      for (const [slow, quick] of [
        [
          { name: 'object-lock', body: lock },
          { name: 'versioning', body: suspend },
        ],
        [
          { name: 'versioning', body: suspend },
          { name: 'object-lock', body: lock },
        ],
      ] as const) {
        const bucket = `locked-${randomUUID()}`;
        await s3.createBucket({ Bucket: bucket });
        await s3.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } });
        const bench = { endpoint, region, credentials, bucket, stop: async () => undefined };
        const addressOf = (name: string) => presigned(bench, '', { method: 'PUT', query: [[name, '']] });
        const outgoing = request(addressOf(slow.name), {
          method: 'PUT',
          headers: { 'content-length': slow.body.length },
        });
        const answered = once(outgoing, 'response');
        outgoing.write(slow.body.slice(0, 10));
        await sleep(100);
        const { status } = await send(addressOf(quick.name), { method: 'PUT', body: quick.body });
        expect(status).toBe(200);
        outgoing.end(slow.body.slice(10));
        const [response]: IncomingMessage[] = await answered;
        response?.resume();
        expect(response?.statusCode).toBe(409);
      }
    });
  });
}
