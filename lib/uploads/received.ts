import { StowageError } from '../errors.ts';
import { S3Error } from '../storage/errors.ts';
import type { MultipartUpload, ObjectHead, StoredPart } from '../storage/operations.ts';
import type { Storage } from '../storage/storage.ts';
import { partSizeBytesOf } from './decide.ts';
import { uploadMarker } from './own-metadata.ts';
import type { MultipartSession, SingleSession } from './session.ts';

/** What storage knows of an upload: the truth that status and completion rest on. */

/** The parts that have arrived; `undefined` when storage has no such multipart upload any more. */
export async function receivedParts(
  storage: Storage,
  upload: MultipartUpload,
): Promise<StoredPart[] | undefined> {
  try {
    return await storage.listParts(upload);
  } catch (error) {
    if (error instanceof S3Error && error.code === 'NoSuchUpload') return undefined;
    throw error;
  }
}

/** The object that stands at the upload's key, and whether this upload wrote it. */
export async function standingObject(
  storage: Storage,
  { bucket, key, marker }: Pick<SingleSession | MultipartSession, 'bucket' | 'key' | 'marker'>,
): Promise<{ head: ObjectHead; isOurs: boolean } | undefined> {
  try {
    const head = await storage.head({ bucket, key });
    return { head, isOurs: head.metadata[uploadMarker] === marker };
  } catch (error) {
    if (error instanceof S3Error && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * @param received - parts that a client names carry no size, and need none: each address was signed for its exact length
 * @throws {@link StowageError} `upload_incomplete` with each part that is missing or has the wrong size
 */
export function demandAllParts(
  session: MultipartSession,
  received: readonly { readonly partNumber: number; readonly sizeBytes?: number }[],
): void {
  const byNumber = new Map(received.map((part) => [part.partNumber, part]));
  const errors = Array.from({ length: session.partCount }, (_, index) => index + 1).flatMap((partNumber) => {
    const part = byNumber.get(partNumber);
    const expected = partSizeBytesOf(partNumber, session);
    if (!part) return [{ path: `parts[${partNumber}]`, message: 'has not arrived' }];
    if (part.sizeBytes === undefined || part.sizeBytes === expected) return [];
    return [{ path: `parts[${partNumber}]`, message: `has ${part.sizeBytes} bytes, not ${expected}` }];
  });
  if (errors.length > 0) {
    throw new StowageError(
      'upload_incomplete',
      `${errors.length} of ${session.partCount} parts are missing or wrong.`,
      { errors },
    );
  }
}
