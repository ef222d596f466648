import { xmlElement } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Reply, Services, SignedCall } from '../call.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { objectToRead, readVersionId } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { checkOwnership, enforced, owner, ownerId } from './owner.ts';

export const getOwnershipControls: Operation = (services, call) => {
  bucketOf(services, call);
  return xmlReply('OwnershipControls', [xmlElement('Rule', [xmlElement('ObjectOwnership', enforced)])]);
};

export const putOwnershipControls: Operation = async (services, call) => {
  bucketOf(services, call);
  const document = await readXml(services, call, readRequestedChecksum(call.headers));
  const ownership = document?.child('Rule')?.value('ObjectOwnership');
  if (document?.name !== 'OwnershipControls' || ownership === undefined) throw new Refusal('MalformedXML');
  checkOwnership(ownership);
  return { status: 200 };
};

/** Without controls, too, a new bucket is owner-enforced; so this one stays what it is. */
export const deleteOwnershipControls: Operation = (services, call) => {
  bucketOf(services, call);
  return { status: 204 };
};

export const getBucketAcl: Operation = (services, call) => {
  bucketOf(services, call);
  return ownersAcl();
};

export const getObjectAcl: Operation = (services, call) => {
  objectToRead(services, bucketOf(services, call), call.key, readVersionId(call));
  return ownersAcl();
};

export const putBucketAcl: Operation = (services, call) => {
  bucketOf(services, call);
  return acceptAcl(services, call);
};

export const putObjectAcl: Operation = (services, call) => {
  objectToRead(services, bucketOf(services, call), call.key, readVersionId(call));
  return acceptAcl(services, call);
};

function ownersAcl(): Reply {
  const schema = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
  return xmlReply('AccessControlPolicy', [
    owner('Owner'),
    xmlElement('AccessControlList', [
      xmlElement('Grant', [
        xmlElement('Grantee', [xmlElement('ID', ownerId), xmlElement('DisplayName', ownerId)], schema),
        xmlElement('Permission', 'FULL_CONTROL'),
      ]),
    ]),
  ]);
}

/**
 * Takes the ACLs that say what holds anyway: by name, or as the document that {@link ownersAcl} gives. Clients that copy
 * an object's ACL along send that one.
 */
async function acceptAcl(services: Services, call: SignedCall): Promise<Reply> {
  const acl = call.headers.get('x-amz-acl');
  if (acl === 'private' || acl === 'bucket-owner-full-control') return { status: 200 };
  if (acl === undefined && call.headers.has('content-length')) {
    const document = await readXml(services, call, readRequestedChecksum(call.headers));
    const grants = document?.child('AccessControlList')?.all('Grant') ?? [];
    const saysWhatHolds = grants.every(
      (grant) =>
        grant.child('Grantee')?.value('ID') === ownerId && grant.value('Permission') === 'FULL_CONTROL',
    );
    if (grants.length > 0 && saysWhatHolds) return { status: 200 };
  }
  throw new Refusal('AccessControlListNotSupported');
}
