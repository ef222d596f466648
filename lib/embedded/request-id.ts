import { randomUUID } from 'node:crypto';

/** An id as S3's look: 16 hexadecimal digits. Cut from a UUID, for which Node has its random bytes in store. */
export function newRequestId(): string {
  const uuid = randomUUID();
  return (uuid.slice(0, 8) + uuid.slice(-8)).toUpperCase();
}
