import type { ObjectEvent } from '../events/object-event.ts';
import { toldObject } from '../events/told-object.ts';
import type { Subscriber } from '../events/subscriber.ts';
import { isQuarantined } from '../quarantine/reserved-prefix.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { Records } from '../records/port.ts';
import type { ObjectHead } from '../storage/operations.ts';
import type { Storage } from '../storage/storage.ts';
import type { Usage } from '../usage/usage.ts';
import { announcementFaults, isAsAnnounced } from './announced.ts';
import { type OwnMetadata, readOwnMetadata } from './own-metadata.ts';
import { wasAborted } from './unwanted.ts';

export interface ConfirmDeps {
  readonly storage: Storage;
  readonly records: Records;
  readonly usage: Usage;
  readonly quarantine: Quarantine;
}

/**
 * Confirms what uploads have brought, on the word of storage and not of a client, who may never have come back to
 * complete: the object is held to what was announced, and its quota settled. What fails is quarantined.
 *
 * Where the event itself tells all of that, and speaks well of the object, it is believed. Else storage is asked what
 * stands there now: so an event that comes twice, or late, finds the same object or another one, and does nothing to that.
 */
export function confirmUploads(deps: ConfirmDeps): Subscriber {
  const { storage, records, usage, quarantine } = deps;
  return {
    name: 'confirm',
    onEvent: async (event) => {
      if (!mayBeUpload(event)) return;
      const upload = (await isGood(event)) ? event.upload : await examined(event);
      if (!upload) return;
      const { bucket, key } = event;
      await usage.settle({ tenant: upload.tenant ?? '', bucket, key, marker: upload.marker });
    },
  };

  async function isGood({ upload, ...told }: ObjectEvent): Promise<boolean> {
    return !!upload && isAsAnnounced(upload.announced, told) && !(await wasAborted(records, upload.marker));
  }

  async function examined(event: ObjectEvent): Promise<OwnMetadata | undefined> {
    const { bucket, key, versionId } = event;
    const head = await toldObject(storage, event);
    const upload = head && readOwnMetadata(head.metadata);
    if (!upload) return undefined;
    const faults = await faultsOf(records, head, upload);
    if (faults.length > 0) await quarantine.isolate({ ...head, bucket, key, versionId }, faults.join(' '));
    return upload;
  }
}

/** A copy has the metadata of the upload that wrote its source, and is none itself. */
function mayBeUpload({ type, key, reason, upload }: ObjectEvent): boolean {
  return type === 'object.created' && reason !== 'CopyObject' && upload !== null && !isQuarantined(key);
}

async function faultsOf(
  records: Records,
  head: ObjectHead,
  { marker, announced }: OwnMetadata,
): Promise<readonly string[]> {
  const faults = announcementFaults(announced, head);
  return (await wasAborted(records, marker))
    ? [...faults, 'Its upload was aborted before it arrived.']
    : faults;
}
