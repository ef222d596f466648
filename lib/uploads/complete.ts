import { StowageError } from '../errors.ts';
import { S3Error } from '../storage/errors.ts';
import type { ObjectHead } from '../storage/operations.ts';
import type { Storage } from '../storage/storage.ts';
import { completionHeaders } from './headers.ts';
import { demandAllParts, receivedParts, standingObject } from './received.ts';
import type { MultipartSession, SingleSession, UploadSession } from './session.ts';

/** Parts as a client may name them. */
export type NamedParts = readonly { readonly partNumber: number; readonly etag: string }[];

/**
 * Completes an upload: storage puts the parts together, and what then stands at the key is held against the
 * announcement. Idempotent: an object that this upload wrote is a success however often it is asked for, also where
 * `If-None-Match` makes storage refuse the repetition.
 *
 * @param named - the parts with their ETags; without it storage is asked, so that a browser need not read an ETag
 * @throws {@link StowageError} `upload_incomplete`, `upload_aborted`, `object_exists`, `object_replaced` or `upload_mismatch`
 */
export async function completeUpload(storage: Storage, session: UploadSession, named?: NamedParts) {
  if (session.method === 'found') {
    throw new StowageError('upload_not_resumable', 'What a listing found can only be looked at and aborted.');
  }
  if (session.method === 'multipart') await assemble(storage, session, named);
  const standing = await standingObject(storage, session);
  if (!standing) throw missing(session);
  if (!standing.isOurs) throw foreign(session);
  demandAnnounced(session, standing.head);
  const { sizeBytes, etag, versionId, contentType, lastModified } = standing.head;
  const { bucket, key, checksum } = session;
  return { bucket, key, sizeBytes, etag, versionId, contentType, checksum, lastModified };
}

async function assemble(
  storage: Storage,
  session: MultipartSession,
  named: NamedParts | undefined,
): Promise<void> {
  const parts = await partsToAssemble(storage, session, named);
  if (!parts) return;
  try {
    await storage.completeMultipartUpload(session, parts, completionHeaders(session));
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    switch (error.code) {
      // Completed before, by this call's predecessor or by a racing one: the object itself tells.
      case 'NoSuchUpload':
      case 'PreconditionFailed':
        return;
      case 'InvalidPart':
      case 'InvalidPartOrder':
      case 'EntityTooSmall':
        throw new StowageError('upload_incomplete', `Storage does not accept the parts (${error.code}).`, {
          cause: error,
        });
      case 'BadDigest':
      case 'InvalidRequest':
        throw new StowageError(
          'upload_mismatch',
          'The bytes in storage do not have the announced checksum.',
          { cause: error },
        );
      default:
        throw error;
    }
  }
}

/** Sorted by number, as S3 demands; `undefined` when storage has finished with the upload. */
async function partsToAssemble(
  storage: Storage,
  session: MultipartSession,
  named: NamedParts | undefined,
): Promise<NamedParts | undefined> {
  const received = named ?? (await receivedParts(storage, session));
  if (!received) return undefined;
  demandAllParts(session, received);
  return [...received].toSorted((a, b) => a.partNumber - b.partNumber);
}

function demandAnnounced(session: SingleSession | MultipartSession, head: ObjectHead): void {
  const { algorithm, value } = session.checksum ?? {};
  const stored = algorithm === undefined ? undefined : head.checksums[algorithm];
  const errors = [
    ...(head.sizeBytes === session.sizeBytes
      ? []
      : [{ path: 'sizeBytes', message: `is ${head.sizeBytes}, not ${session.sizeBytes}` }]),
    ...(head.contentType === session.contentType
      ? []
      : [{ path: 'contentType', message: `is ${head.contentType}, not ${session.contentType}` }]),
    ...(stored === undefined || stored === value
      ? []
      : [{ path: 'checksum', message: `is ${stored}, not ${value}` }]),
  ];
  if (errors.length > 0) {
    throw new StowageError('upload_mismatch', 'What stands in storage differs from what was announced.', {
      errors,
    });
  }
}

function missing({ method }: SingleSession | MultipartSession): StowageError {
  return method === 'multipart'
    ? new StowageError('upload_aborted', 'Storage has neither the upload nor its object any more.')
    : new StowageError('upload_incomplete', 'Nothing has arrived at the key yet.');
}

function foreign({ ifNoneMatch, method }: SingleSession | MultipartSession): StowageError {
  if (ifNoneMatch)
    return new StowageError('object_exists', 'The key was taken before this upload was complete.');
  return method === 'multipart'
    ? new StowageError(
        'object_replaced',
        'Storage has finished with this upload, and the key holds the object of another.',
      )
    : new StowageError('upload_incomplete', 'The key holds an object that this upload did not write.');
}
