import * as v from 'valibot';
import { lineageSchema } from '../access/lineage.ts';
import type { Principal } from '../access/principal.ts';
import { openSealed, type Seal } from '../access/seal.ts';
import { StowageError } from '../errors.ts';
import { checksumAlgorithms } from './schema.ts';
import { nameOfUpload, partsOf, toUploadId } from './upload-name.ts';

/**
 * An upload's session lives in its id: sealed, so that whoever holds the id can go on from any device, and no database
 * is asked.
 */

const common = {
  tenant: v.optional(v.string()),
  lineage: lineageSchema,
  bucket: v.string(),
  key: v.string(),
};

const announced = {
  ...common,
  sizeBytes: v.number(),
  contentType: v.string(),
  checksum: v.optional(v.strictObject({ algorithm: v.picklist(checksumAlgorithms), value: v.string() })),
  ifNoneMatch: v.optional(v.literal('*')),
  /** Stands in the object's metadata too: by it an object is known as this upload's. */
  marker: v.string(),
};

const singleSession = v.strictObject({ method: v.picklist(['put', 'form']), ...announced });

const multipartSession = v.strictObject({
  method: v.literal('multipart'),
  ...announced,
  storageUploadId: v.string(),
  partSizeBytes: v.number(),
  partCount: v.number(),
});

/** An upload that a listing of storage found: it can be looked at and aborted, but nobody knows what it was to be. */
const foundSession = v.strictObject({ method: v.literal('found'), ...common, storageUploadId: v.string() });

const sessionSchema = v.variant('method', [singleSession, multipartSession, foundSession]);

export type SingleSession = v.InferOutput<typeof singleSession>;
export type MultipartSession = v.InferOutput<typeof multipartSession>;
export type UploadSession = v.InferOutput<typeof sessionSchema>;

/** The upload id that stands for a session. */
export function sealSession(seal: Seal, session: UploadSession, expiresAt: Date): string {
  const sealed = seal.seal('upload', session, expiresAt);
  return 'marker' in session ? toUploadId(session.marker, sealed) : sealed;
}

const forged = ['invalid_upload_id', 'The upload id cannot be read.'] as const;

/**
 * The session that an upload id stands for. A tenant's ids open for that tenant alone.
 *
 * @throws {@link StowageError} `invalid_upload_id`, `upload_expired` or `access_denied`
 */
export function openSession(
  seal: Seal,
  uploadId: string,
  principal: Principal,
): { session: UploadSession; resumableUntil: Date } {
  const { name, sealed } = partsOf(uploadId);
  const { payload, expiresAt } = openSealed(seal, 'upload', sealed, sessionSchema, {
    forged,
    expired: ['upload_expired', 'The upload was not finished within its time; begin a new one.'],
  });
  // Ids of earlier releases have no name; none has another's.
  const ownName = 'marker' in payload ? nameOfUpload(payload.marker) : undefined;
  if (name !== undefined && name !== ownName) throw new StowageError(...forged);
  if (payload.tenant !== principal.tenant && principal.kind !== 'root') {
    throw new StowageError('access_denied', "The upload is another tenant's.");
  }
  return { session: payload, resumableUntil: expiresAt };
}
