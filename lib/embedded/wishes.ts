import { refuseUnknownChecksums } from './body/checksums.ts';
import type { Services, SignedCall } from './call.ts';
import { isUnknownLockHeader } from './object-lock.ts';
import { Refusal } from './refusal.ts';
import { checkEncryptionWishes } from './server-side-encryption.ts';

/** What S3 does by it is not done here; without it, the same request destroys what it was to extend. */
const notImplemented = new Set(['x-amz-write-offset-bytes']);

/**
 * Refuses the wishes that can't be granted, where a request that loses them does harm, or a silent success is a lie.
 *
 * @param call - its headers, or the fields of a form
 * @throws {@link Refusal}
 */
export function checkWishes(
  services: Pick<Services, 'blobs'>,
  call: Pick<SignedCall, 'method' | 'headers'>,
): void {
  for (const name of call.headers.keys()) {
    if (notImplemented.has(name) || isUnknownLockHeader(name)) {
      throw new Refusal('NotImplemented', undefined, { Header: name });
    }
  }
  refuseUnknownChecksums(call.headers);
  checkEncryptionWishes(services, call);
}
