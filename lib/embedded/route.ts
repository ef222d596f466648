import type { Call, Operation } from './call.ts';
import {
  deleteBucketEncryption,
  getBucketEncryption,
  putBucketEncryption,
} from './operations/bucket-encryption.ts';
import {
  deleteBucketLifecycle,
  getBucketLifecycle,
  putBucketLifecycle,
} from './operations/bucket-lifecycle.ts';
import { getBucketVersioning, putBucketVersioning } from './operations/bucket-versioning.ts';
import {
  bucketCors,
  bucketNotification,
  bucketTagging,
  objectLockConfiguration,
  publicAccessBlock,
} from './operations/bucket-settings.ts';
import { copyObject } from './operations/copy-object.ts';
import { uploadPartCopy } from './operations/copy-part.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './operations/buckets.ts';
import { completeMultipartUpload } from './operations/complete-upload.ts';
import { createMultipartUpload } from './operations/create-upload.ts';
import { deleteObject, deleteObjects } from './operations/delete-objects.ts';
import { getObject, headObject } from './operations/get-object.ts';
import { listObjectsV1, listObjectsV2 } from './operations/list-objects.ts';
import { listObjectVersions } from './operations/list-versions.ts';
import { listMultipartUploads } from './operations/list-uploads.ts';
import {
  getObjectLegalHold,
  getObjectRetention,
  putObjectLegalHold,
  putObjectRetention,
} from './operations/object-locks.ts';
import { getObjectAttributes } from './operations/object-attributes.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tags.ts';
import {
  getBucketAcl,
  getObjectAcl,
  getOwnershipControls,
  putBucketAcl,
  putObjectAcl,
  putOwnershipControls,
} from './operations/ownership.ts';
import { restoreObject } from './operations/restore-object.ts';
import { putObject } from './operations/put-object.ts';
import { abortMultipartUpload, listParts, uploadPart } from './operations/upload-parts.ts';
import { invalidArgument, Refusal } from './refusal.ts';

/** What a request addresses; then its method, and the query parameter that names the operation, if one does. */
const operations: Readonly<Record<string, Operation>> = {
  'service GET': listBuckets,
  'bucket PUT': createBucket,
  'bucket HEAD': headBucket,
  'bucket DELETE': deleteBucket,
  'bucket GET': listObjectsV1,
  'bucket GET list-type': listObjectsV2,
  'bucket GET location': getBucketLocation,
  'bucket GET uploads': listMultipartUploads,
  'bucket GET versioning': getBucketVersioning,
  'bucket PUT versioning': putBucketVersioning,
  'bucket GET versions': listObjectVersions,
  'bucket GET encryption': getBucketEncryption,
  'bucket PUT encryption': putBucketEncryption,
  'bucket DELETE encryption': deleteBucketEncryption,
  'bucket GET cors': bucketCors.get,
  'bucket PUT cors': bucketCors.put,
  'bucket DELETE cors': bucketCors.remove,
  'bucket GET lifecycle': getBucketLifecycle,
  'bucket PUT lifecycle': putBucketLifecycle,
  'bucket DELETE lifecycle': deleteBucketLifecycle,
  'bucket GET tagging': bucketTagging.get,
  'bucket PUT tagging': bucketTagging.put,
  'bucket DELETE tagging': bucketTagging.remove,
  'bucket GET publicAccessBlock': publicAccessBlock.get,
  'bucket PUT publicAccessBlock': publicAccessBlock.put,
  'bucket DELETE publicAccessBlock': publicAccessBlock.remove,
  'bucket GET notification': bucketNotification.get,
  'bucket PUT notification': bucketNotification.put,
  'bucket GET object-lock': objectLockConfiguration.get,
  'bucket PUT object-lock': objectLockConfiguration.put,
  'bucket GET ownershipControls': getOwnershipControls,
  'bucket PUT ownershipControls': putOwnershipControls,
  'bucket GET acl': getBucketAcl,
  'bucket PUT acl': putBucketAcl,
  'bucket POST delete': deleteObjects,
  'object GET': getObject,
  'object HEAD': headObject,
  'object PUT': putObject,
  'object PUT x-amz-copy-source': copyObject,
  'object DELETE': deleteObject,
  'object GET acl': getObjectAcl,
  'object PUT acl': putObjectAcl,
  'object GET attributes': getObjectAttributes,
  'object POST restore': restoreObject,
  'object GET retention': getObjectRetention,
  'object PUT retention': putObjectRetention,
  'object GET legal-hold': getObjectLegalHold,
  'object PUT legal-hold': putObjectLegalHold,
  'object GET tagging': getObjectTagging,
  'object PUT tagging': putObjectTagging,
  'object DELETE tagging': deleteObjectTagging,
  'object POST uploads': createMultipartUpload,
  'object PUT uploadId': uploadPart,
  'object PUT uploadId x-amz-copy-source': uploadPartCopy,
  'object GET uploadId': listParts,
  'object POST uploadId': completeMultipartUpload,
  'object DELETE uploadId': abortMultipartUpload,
};

const takesVersionId: ReadonlySet<Operation> = new Set([
  getObject,
  headObject,
  deleteObject,
  getObjectAcl,
  putObjectAcl,
  getObjectRetention,
  putObjectRetention,
  getObjectLegalHold,
  putObjectLegalHold,
  getObjectAttributes,
  getObjectTagging,
  putObjectTagging,
  deleteObjectTagging,
  restoreObject,
]);

/**
 * Query parameters that make a request another operation. All that S3 has stand here, so that one that this store
 * doesn't know is refused, and never taken for the plain operation: `PUT /bucket/key?acl` must not write an object.
 */
const selectors = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'list-type',
  'location',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versioning',
  'versions',
  'website',
];

/**
 * The operation that a request asks for.
 *
 * @throws {@link Refusal} `MethodNotAllowed` or `NotImplemented`; `InvalidArgument` for a version id out of place
 */
export function route({ method, bucket, key, query, headers }: Call): Operation {
  const target = targetOf(bucket, key);
  const chosen = selectors.filter((name) => query.has(name));
  // An upload of a part from another object is named by its header.
  if (headers.has('x-amz-copy-source')) chosen.push('x-amz-copy-source');
  const operation = operations[[target, method, ...chosen].join(' ')];
  const versionId = query.get('versionId');
  if (operation && versionId !== undefined && !takesVersionId.has(operation)) {
    throw invalidArgument('versionId', versionId, 'This operation does not accept a version-id.');
  }
  if (operation) return operation;
  if (chosen.length > 0) throw new Refusal('NotImplemented');
  throw new Refusal('MethodNotAllowed', undefined, { Method: method, ResourceType: target.toUpperCase() });
}

function targetOf(bucket: string, key: string): 'service' | 'bucket' | 'object' {
  if (bucket === '' && key === '') return 'service';
  return key === '' ? 'bucket' : 'object';
}
