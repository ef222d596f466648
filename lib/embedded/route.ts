import type { Need } from './auth/authorize.ts';
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
import { createBucket, deleteBucket, getBucketLocation, headBucket } from './operations/buckets.ts';
import { completeMultipartUpload } from './operations/complete-upload.ts';
import { createMultipartUpload } from './operations/create-upload.ts';
import { deleteObject, deleteObjects } from './operations/delete-objects.ts';
import { getObject, headObject } from './operations/get-object.ts';
import { listBuckets } from './operations/list-buckets.ts';
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
  deleteOwnershipControls,
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

/** What an operation takes of its caller, and the operation itself. */
type Route = readonly [needs: Need, operation: Operation];

/** What a request addresses; then its method, and the query parameter that names the operation, if one does. */
const routes: Readonly<Record<string, Route>> = {
  'service GET': ['each', listBuckets],
  'bucket PUT': ['admin', createBucket],
  'bucket HEAD': ['reach', headBucket],
  'bucket DELETE': ['admin', deleteBucket],
  'bucket GET': ['list', listObjectsV1],
  'bucket GET list-type': ['list', listObjectsV2],
  'bucket GET location': ['reach', getBucketLocation],
  'bucket GET uploads': ['list', listMultipartUploads],
  'bucket GET versioning': ['admin', getBucketVersioning],
  'bucket PUT versioning': ['admin', putBucketVersioning],
  'bucket GET versions': ['list', listObjectVersions],
  'bucket GET encryption': ['admin', getBucketEncryption],
  'bucket PUT encryption': ['admin', putBucketEncryption],
  'bucket DELETE encryption': ['admin', deleteBucketEncryption],
  'bucket GET cors': ['admin', bucketCors.get],
  'bucket PUT cors': ['admin', bucketCors.put],
  'bucket DELETE cors': ['admin', bucketCors.remove],
  'bucket GET lifecycle': ['admin', getBucketLifecycle],
  'bucket PUT lifecycle': ['admin', putBucketLifecycle],
  'bucket DELETE lifecycle': ['admin', deleteBucketLifecycle],
  'bucket GET tagging': ['admin', bucketTagging.get],
  'bucket PUT tagging': ['admin', bucketTagging.put],
  'bucket DELETE tagging': ['admin', bucketTagging.remove],
  'bucket GET publicAccessBlock': ['admin', publicAccessBlock.get],
  'bucket PUT publicAccessBlock': ['admin', publicAccessBlock.put],
  'bucket DELETE publicAccessBlock': ['admin', publicAccessBlock.remove],
  'bucket GET notification': ['admin', bucketNotification.get],
  'bucket PUT notification': ['admin', bucketNotification.put],
  'bucket GET object-lock': ['admin', objectLockConfiguration.get],
  'bucket PUT object-lock': ['admin', objectLockConfiguration.put],
  'bucket GET ownershipControls': ['admin', getOwnershipControls],
  'bucket PUT ownershipControls': ['admin', putOwnershipControls],
  'bucket DELETE ownershipControls': ['admin', deleteOwnershipControls],
  'bucket GET acl': ['admin', getBucketAcl],
  'bucket PUT acl': ['admin', putBucketAcl],
  'bucket POST delete': ['each', deleteObjects],
  'object GET': ['read', getObject],
  'object HEAD': ['read', headObject],
  'object PUT': ['write', putObject],
  'object PUT x-amz-copy-source': ['write', copyObject],
  'object DELETE': ['delete', deleteObject],
  'object GET acl': ['read', getObjectAcl],
  'object PUT acl': ['write', putObjectAcl],
  'object GET attributes': ['read', getObjectAttributes],
  'object POST restore': ['write', restoreObject],
  'object GET retention': ['read', getObjectRetention],
  'object PUT retention': ['admin', putObjectRetention],
  'object GET legal-hold': ['read', getObjectLegalHold],
  'object PUT legal-hold': ['admin', putObjectLegalHold],
  'object GET tagging': ['read', getObjectTagging],
  'object PUT tagging': ['write', putObjectTagging],
  'object DELETE tagging': ['write', deleteObjectTagging],
  'object POST uploads': ['write', createMultipartUpload],
  'object PUT uploadId': ['write', uploadPart],
  'object PUT uploadId x-amz-copy-source': ['write', uploadPartCopy],
  'object GET uploadId': ['write', listParts],
  'object POST uploadId': ['write', completeMultipartUpload],
  'object DELETE uploadId': ['write', abortMultipartUpload],
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
 * The operation that a request asks for, and what it takes.
 *
 * @throws {@link Refusal} `MethodNotAllowed` or `NotImplemented`; `InvalidArgument` for a version id out of place, or a
 *   parameter that is repeated
 */
export function route({ method, bucket, key, parameters, query, headers }: Call): Route {
  refuseRepeated(parameters);
  const target = targetOf(bucket, key);
  const chosen = query.size === 0 ? [] : selectors.filter((name) => query.has(name));
  // An upload of a part from another object is named by its header.
  if (headers.has('x-amz-copy-source')) chosen.push('x-amz-copy-source');
  const found = routes[[target, method, ...chosen].join(' ')];
  const versionId = query.get('versionId');
  if (found && versionId !== undefined && !takesVersionId.has(found[1])) {
    throw invalidArgument('versionId', versionId, 'This operation does not accept a version-id.');
  }
  if (found) return found;
  if (chosen.length > 0) throw new Refusal('NotImplemented');
  throw new Refusal('MethodNotAllowed', undefined, { Method: method, ResourceType: target.toUpperCase() });
}

/** S3 says nowhere which of several counts, so whoever sends them has to say what is meant. */
function refuseRepeated(parameters: Call['parameters']): void {
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    // Such a one stands for a header, whose name counts in any case.
    const folded = /^x-amz-/i.test(name) ? name.toLowerCase() : name;
    if (seen.has(folded)) {
      throw invalidArgument(name, value, 'This query parameter may be given only once.');
    }
    seen.add(folded);
  }
}

function targetOf(bucket: string, key: string): 'service' | 'bucket' | 'object' {
  if (bucket === '' && key === '') return 'service';
  return key === '' ? 'bucket' : 'object';
}

/** The names of all routes, for those who want to try each. */
export const routeNames: readonly string[] = Object.keys(routes);
