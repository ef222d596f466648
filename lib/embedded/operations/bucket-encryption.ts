import { xmlElement } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation } from '../call.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { checkAlgorithm } from '../server-side-encryption.ts';
import { bucketOf } from './buckets.ts';

/** The store encrypts all buckets or none, so there is nothing to be kept of what a bucket is told. */
const root = 'ServerSideEncryptionConfiguration';

export const getBucketEncryption: Operation = (services, call) => {
  bucketOf(services, call);
  if (!services.blobs.encryption.isOn) {
    throw new Refusal('ServerSideEncryptionConfigurationNotFoundError', undefined, {
      BucketName: call.bucket,
    });
  }
  return xmlReply(root, [
    xmlElement('Rule', [
      xmlElement('ApplyServerSideEncryptionByDefault', [xmlElement('SSEAlgorithm', 'AES256')]),
      xmlElement('BucketKeyEnabled', false),
    ]),
  ]);
};

export const putBucketEncryption: Operation = async (services, call) => {
  bucketOf(services, call);
  const document = await readXml(services, call, readRequestedChecksum(call.headers));
  const rules = document?.name === root ? document.all('Rule') : [];
  const byDefault = rules[0]?.child('ApplyServerSideEncryptionByDefault');
  const algorithm = byDefault?.value('SSEAlgorithm');
  if (rules.length !== 1 || algorithm === undefined) throw new Refusal('MalformedXML');
  checkAlgorithm(services, algorithm);
  if (byDefault?.child('KMSMasterKeyID')) {
    throw new Refusal(
      'InvalidArgument',
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    );
  }
  return { status: 200 };
};

/** As S3 does: what is left is encryption by the store's own key, where it is on. */
export const deleteBucketEncryption: Operation = (services, call) => {
  bucketOf(services, call);
  return { status: 204 };
};
