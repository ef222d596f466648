import { S3 } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Records } from '../../../../lib/records/port.ts';
import { additionOf, one, takenOf, usagePartition, usageSort } from '../../../../lib/usage/counters.ts';
import { newMarker, toRecord } from '../../../../lib/usage/reservations.ts';
import { addDelivery } from '../../../../lib/webhooks/delivery-records.ts';
import { region, storeCredentials } from '../../../support/service.ts';
import type { Cloud } from '../cloud.ts';
import { environmentOf, type FunctionUnderItsRole } from './under-its-role.ts';
import { unreachableWebhook } from './unreachable-webhook.ts';

/**
 * Lets maintenance find objects that nobody has counted, and later that they are gone, in a bucket with versions and in
 * one without; a reservation whose time is over; and a webhook that nobody has woken.
 */
export async function maintainEverything(
  { invoke, s3Url, openRecords, output }: FunctionUnderItsRole,
  cloud: Cloud,
): Promise<void> {
  const s3 = new S3({
    endpoint: s3Url,
    region: cloud.stacks[0]?.region ?? region,
    credentials: storeCredentials,
    forcePathStyle: true,
  });
  const records = openRecords?.();
  if (!records) throw new Error('Maintenance has nothing to do without records.');
  const names: Record<string, string> = JSON.parse(
    environmentOf('maintenance', cloud)['STOWAGE_S3_BUCKET_NAMES'] ?? '',
  );
  const versions = new Map<string, string | undefined>();
  try {
    for (const Bucket of Object.values(names)) {
      const { VersionId } = await s3.putObject({ Bucket, Key: 'a', Body: 'seven b' });
      versions.set(Bucket, VersionId);
    }
    await reserveForNothing(records, 'files');
    await oweDelivery(records);
    await invoke({});
    for (const bucket of Object.keys(names)) {
      expect(await takenIn(records, bucket)).toEqual({ stored: one(7), reserved: { bytes: 0, objects: 0 } });
    }
    const lines = output()
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const tellsOf = (fields: object) => expect(lines).toContainEqual(expect.objectContaining(fields));
    tellsOf({ task: 'expired-reservations', outcome: 'ended', settled: 1, failures: 0, overdueHours: 0 });
    tellsOf({ task: 'overdue-webhooks', outcome: 'ended', woken: 1 });
    tellsOf({ task: 'usage-reconciliation', outcome: 'ended', driftBytes: 14, driftObjects: 2 });
    tellsOf({
      message: 'Measured',
      storageQuotaUsedPercent: expect.closeTo(0),
      daysSinceRotation: expect.closeTo(1),
    });

    for (const [Bucket, VersionId] of versions) {
      await s3.deleteObject({ Bucket, Key: 'a', ...(VersionId !== undefined && { VersionId }) });
    }
    await records.delete('maintenance', 'usage-reconciliation');
    await invoke({});
    for (const bucket of Object.keys(names)) {
      expect(await takenIn(records, bucket)).toMatchObject({ stored: { bytes: 0, objects: 0 } });
    }
  } finally {
    await records.close();
    s3.destroy();
  }
}

async function takenIn(records: Records, bucket: string) {
  return takenOf(await records.get(usagePartition(bucket), usageSort('')));
}

async function reserveForNothing(records: Records, bucket: string): Promise<void> {
  const upload = { tenant: '', bucket, key: 'never', bytes: 5, isHeld: true, isRepeatable: true };
  await records.transact([
    { action: 'put', ...toRecord(newMarker(new Date('2026-01-01')), upload) },
    { action: 'add', ...additionOf(bucket, '', [{ tenant: '', reserved: one(5) }]) },
  ]);
}

async function oweDelivery(records: Records): Promise<void> {
  const webhookId = await unreachableWebhook(records);
  const time = new Date(Date.now() - 600_000);
  await addDelivery(records, { webhookId, eventId: 'evt_1', type: 'object.created', time, body: '{}' }, time);
}
