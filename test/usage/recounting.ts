import type { S3 } from '@aws-sdk/client-s3';
import type { Records } from '../../lib/records/port.ts';

/** By tenant: those that have anything. */
export type Sums = Readonly<Record<string, readonly [bytes: number, objects: number]>>;

/** What usage says of a bucket. */
export async function counted(records: Records, bucket: string): Promise<Sums> {
  const { records: found } = await records.list(`usage/${bucket}`, { limit: 100 });
  return Object.fromEntries(
    found
      .map(({ sort, counters }): [string, [number, number]] => [
        sort.replace('tenant/', ''),
        [counters['takenBytes'] ?? 0, counters['takenObjects'] ?? 0],
      ])
      .filter(([, [, objects]]) => objects > 0),
  );
}

/** The same, counted in storage. */
export async function recounted(s3: S3, Bucket: string): Promise<Sums> {
  const { Versions = [] } = await s3.listObjectVersions({ Bucket });
  const sums: Record<string, [number, number]> = {};
  for (const { Key, VersionId, Size = 0 } of Versions) {
    const { Metadata = {} } = await s3.headObject({
      Bucket,
      Key,
      ...(VersionId !== undefined && VersionId !== 'null' && { VersionId }),
    });
    const tenant = Metadata['stowage-tenant'] ?? '';
    const [bytes, objects] = sums[tenant] ?? [0, 0];
    sums[tenant] = [bytes + Size, objects + 1];
  }
  return sums;
}

/** What came on all days less what went. */
export async function balance(records: Records, bucket: string): Promise<[bytes: number, objects: number]> {
  const { records: found } = await records.list(`usage-days/${bucket}`, { limit: 100 });
  const sum = (name: string) => found.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
  return [sum('addedBytes') - sum('removedBytes'), sum('addedObjects') - sum('removedObjects')];
}
