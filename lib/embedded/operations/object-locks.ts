import { xmlElement, type XmlNode } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Reply, Services, SignedCall } from '../call.ts';
import {
  bypassesGovernance,
  checkRetention,
  lockConfigurationOf,
  lockMissing,
  type ObjectLock,
  readRetention,
} from '../object-lock.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { changeVersion, objectToRead, readVersionId } from '../versions.ts';
import { bucketOf } from './buckets.ts';

export const getObjectRetention: Operation = (services, call) => {
  const { retention } = lockOf(services, call);
  if (!retention) throw new Refusal('NoSuchObjectLockConfiguration');
  return xmlReply('Retention', [
    xmlElement('Mode', retention.mode),
    xmlElement('RetainUntilDate', new Date(retention.until).toISOString()),
  ]);
};

export const getObjectLegalHold: Operation = (services, call) => {
  const { legalHold } = lockOf(services, call);
  if (legalHold === undefined) throw new Refusal('NoSuchObjectLockConfiguration');
  return xmlReply('LegalHold', [xmlElement('Status', legalHold ? 'ON' : 'OFF')]);
};

/** A retention may always be prolonged; to weaken it is a matter of its mode. An empty document ends it. */
export const putObjectRetention: Operation = async (services, call) => {
  const document = await readDocument(services, call, 'Retention');
  const mode = document.value('Mode');
  const retention = readRetention(mode, document.value('RetainUntilDate'));
  const now = services.now();
  if (document.children.length > 0 && !retention) throw new Refusal('MalformedXML');
  if (retention && retention.until <= now.getTime()) {
    throw new Refusal('InvalidArgument', 'The retain until date must be in the future!');
  }
  return changeLock(services, call, ({ retention: earlier, ...others }) => {
    const prolongs =
      earlier && retention && retention.until >= earlier.until && retention.mode === earlier.mode;
    if (earlier && !prolongs) checkRetention({ retention: earlier }, now, bypassesGovernance(call.headers));
    return { ...others, ...(retention && { retention }) };
  });
};

export const putObjectLegalHold: Operation = async (services, call) => {
  const document = await readDocument(services, call, 'LegalHold');
  const status = document.value('Status');
  if (status !== 'ON' && status !== 'OFF') throw new Refusal('MalformedXML');
  return changeLock(services, call, (lock) => ({ ...lock, legalHold: status === 'ON' }));
};

function lockOf(services: Services, call: SignedCall): ObjectLock {
  const bucket = bucketOf(services, call);
  if (!lockConfigurationOf(services, bucket)) throw lockMissing();
  return objectToRead(services, bucket, call.key, readVersionId(call)).lock ?? {};
}

async function readDocument(services: Services, call: SignedCall, root: string): Promise<XmlNode> {
  const document = await readXml(services, call, readRequestedChecksum(call.headers));
  if (document?.name !== root) throw new Refusal('MalformedXML');
  return document;
}

async function changeLock(
  services: Services,
  call: SignedCall,
  change: (lock: ObjectLock) => ObjectLock,
): Promise<Reply> {
  const versionId = readVersionId(call);
  await services.index.commit(() => {
    const bucket = bucketOf(services, call);
    if (!lockConfigurationOf(services, bucket)) throw lockMissing();
    const version = objectToRead(services, bucket, call.key, versionId);
    changeVersion(services, bucket, { ...version, lock: change(version.lock ?? {}) });
  });
  return { status: 200 };
}
