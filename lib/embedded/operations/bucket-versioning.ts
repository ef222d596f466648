import { xmlElement } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Services } from '../call.ts';
import type { Versioning } from '../index/buckets.ts';
import { lockConfigurationOf } from '../object-lock.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { bucketOf } from './buckets.ts';

export const getBucketVersioning: Operation = (services, call) => {
  const { versioning } = bucketOf(services, call);
  return xmlReply('VersioningConfiguration', [
    xmlElement('Status', versioning === 'Off' ? undefined : versioning),
  ]);
};

export const putBucketVersioning: Operation = async (services, call) => {
  bucketOf(services, call);
  const configuration = await readXml(services, call, readRequestedChecksum(call.headers));
  const status = configuration?.value('Status');
  if (configuration?.name !== 'VersioningConfiguration' || (status !== 'Enabled' && status !== 'Suspended')) {
    throw new Refusal('MalformedXML');
  }
  if (configuration.value('MfaDelete') === 'Enabled') {
    throw new Refusal('NotImplemented', 'MFA delete is not implemented.');
  }
  await setVersioning(services, call.bucket, status);
  return { status: 200 };
};

/** @throws {@link Refusal} `NoSuchBucket`, or `InvalidBucketState` where object lock needs all versions */
export async function setVersioning(
  { index }: Pick<Services, 'index'>,
  bucketName: string,
  versioning: Exclude<Versioning, 'Off'>,
): Promise<void> {
  await index.commit(() => {
    const bucket = bucketOf({ index }, { bucket: bucketName });
    if (versioning === 'Suspended' && lockConfigurationOf({ index }, bucket)) {
      throw new Refusal(
        'InvalidBucketState',
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      );
    }
    index.buckets.setVersioning(bucket.id, versioning);
  });
}
