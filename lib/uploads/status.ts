import type { Storage } from '../storage/storage.ts';
import { receivedParts, standingObject } from './received.ts';
import type { UploadSession } from './session.ts';

/** How far an upload has come, as storage knows it. */
export async function uploadStatus(storage: Storage, session: UploadSession) {
  const { bucket, key } = session;
  if (session.method === 'found') {
    const parts = await receivedParts(storage, session);
    return { state: parts ? 'pending' : 'aborted', method: 'multipart', bucket, key, parts: parts ?? [] };
  }
  const { method, sizeBytes } = session;
  const division =
    method === 'multipart' ? { partSizeBytes: session.partSizeBytes, partCount: session.partCount } : {};
  const known = { method, bucket, key, sizeBytes, ...division };
  const parts = method === 'multipart' ? await receivedParts(storage, session) : undefined;
  if (parts) return { ...known, state: 'pending', parts };
  const standing = await standingObject(storage, session);
  if (standing?.isOurs) return { ...known, state: 'completed', parts: [] };
  // A single request leaves no trace at storage until it succeeds, so it stays pending until its time is over.
  return { ...known, state: method === 'multipart' ? 'aborted' : 'pending', parts: [] };
}
