import { StowageError } from '../../errors.ts';
import { isOwnName } from '../../uploads/own-metadata.ts';
import type { Rights, RoomRequest } from '../call.ts';
import { Refusal } from '../refusal.ts';

const metadataPrefix = 'x-amz-meta-';

type Headers = Readonly<Record<string, string>>;

/** An object's headers as its writer may have them: what marks it as somebody's is not for them to say. */
export function markedHeaders(headers: Headers, { marks }: Rights, bucket: string): Headers {
  if (!marks) return headers;
  const own = Object.entries(headers).filter(
    ([name]) => !(name.startsWith(metadataPrefix) && isOwnName(name.slice(metadataPrefix.length))),
  );
  return { ...Object.fromEntries(own), ...marks(bucket) };
}

/**
 * Writes an object in the room that a quota leaves for it.
 *
 * @throws {@link Refusal} `QuotaExceeded`, or `ServiceUnavailable` when nobody knows what is left
 */
export async function withRoom<T>(
  { takeRoom }: Rights,
  object: RoomRequest,
  write: () => Promise<T>,
): Promise<T> {
  const room = await takeRoom?.(object).catch((error: unknown) => {
    if (!(error instanceof StowageError)) throw error;
    throw new Refusal(
      error.code === 'quota_exceeded' ? 'QuotaExceeded' : 'ServiceUnavailable',
      error.message,
    );
  });
  try {
    const written = await write();
    await room?.settle();
    return written;
  } catch (error) {
    await room?.release();
    throw error;
  }
}
