import type { XmlNode } from '../../storage/xml.ts';
import { isArchived, isRestored } from '../archive.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation } from '../call.ts';
import { causeOf, recordEvent } from '../events.ts';
import { dueAfterDays } from '../lifecycle/days.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { changeVersion, objectToRead, readVersionId, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';

/** How long S3 takes at most, by class and tier. */
const retrievalHours: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  GLACIER: { Expedited: 5 / 60, Standard: 5, Bulk: 12 },
  DEEP_ARCHIVE: { Standard: 12, Bulk: 48 },
};
const maxDays = 2 ** 31 - 1;

/**
 * Asks for a copy that can be read for some days. Of one that is there, the days are counted anew.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
 */
export const restoreObject: Operation = async (services, call) => {
  const { index, now, dayMilliseconds } = services;
  const versionId = readVersionId(call);
  objectToRead(services, bucketOf(services, call), call.key, versionId);
  const { days, tier } = readRequest(await readXml(services, call, readRequestedChecksum(call.headers)));
  const cause = causeOf(call, call.accessKeyId);
  return index.commit(() => {
    const bucket = bucketOf(services, call);
    const version = objectToRead(services, bucket, call.key, versionId);
    const { storageClass } = version;
    if (!isArchived(version)) {
      throw new Refusal(
        'InvalidObjectState',
        "Restore is not allowed for the object's current storage class",
        { StorageClass: storageClass },
      );
    }
    const headers = versionHeader(bucket, version);
    if (isRestored(version)) {
      const dueAt = dueAfterDays(now().getTime(), days, dayMilliseconds);
      changeVersion(services, bucket, { ...version, restore: { dueAt } });
      return { status: 200, headers };
    }
    if (version.restore) throw new Refusal('RestoreAlreadyInProgress');
    const hours = retrievalHours[storageClass]?.[tier];
    if (hours === undefined) {
      throw invalidArgument('Tier', tier, 'Retrieval option is not supported by this storage class');
    }
    const dueAt = Math.round(now().getTime() + (hours / 24) * dayMilliseconds);
    changeVersion(services, bucket, { ...version, restore: { days, dueAt } });
    recordEvent(services, {
      type: 'Object Restore Initiated',
      bucket,
      version,
      cause,
      storageClass: { 'source-storage-class': storageClass },
    });
    return { status: 202, headers };
  });
};

function readRequest(request: XmlNode | undefined): { days: number; tier: string } {
  if (request?.name !== 'RestoreRequest') throw new Refusal('MalformedXML');
  if (request.child('SelectParameters') || request.child('OutputLocation')) {
    throw new Refusal('NotImplemented', 'Queries of archived objects are not implemented.');
  }
  const text = request.value('Days') ?? '';
  if (!/^-?\d{1,12}$/.test(text)) throw new Refusal('MalformedXML');
  const days = Number(text);
  if (days < 1 || days > maxDays) {
    throw invalidArgument('Days', text, 'Days must be a positive integer');
  }
  const tier = request.child('GlacierJobParameters')?.value('Tier') ?? request.value('Tier') ?? 'Standard';
  if (!['Expedited', 'Standard', 'Bulk'].includes(tier)) throw new Refusal('MalformedXML');
  return { days, tier };
}
