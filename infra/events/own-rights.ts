import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StoredData } from '../data/stored-data.ts';

/**
 * What your own function, `functions/on-object-event.ts`, may do in AWS. By itself it may do nothing but take events from
 * its queue, and write logs and traces. To read the objects of the bucket "media", say:
 *
 *     const media = data.buckets.get('media');
 *     return media ? [
 *       new PolicyStatement({ actions: ['s3:GetObject'], resources: [media.arnForObjects('*')] }),
 *       new PolicyStatement({ actions: ['kms:Decrypt'], resources: [data.encryptionKey.keyArn] }),
 *     ] : [];
 */
export function ownRights(_data: StoredData): readonly PolicyStatement[] {
  return [];
}
