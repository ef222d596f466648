import type { Services, SignedCall } from './call.ts';
import { invalidArgument, Refusal } from './refusal.ts';

/**
 * What requests wish of encryption, and what is answered. The store's own encryption is what S3 calls SSE-S3: it is on
 * for all objects or for none. Keys of a key management service (SSE-KMS) or of the caller (SSE-C) are not implemented.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */

const header = 'x-amz-server-side-encryption';
const ofCaller = /^x-amz-(copy-source-)?server-side-encryption-customer-/;
/** Stands in the names of all headers of this kind. */
const subject = 'server-side-encryption';

type EncryptionService = { readonly blobs: Pick<Services['blobs'], 'encryption'> };

/**
 * Refuses the wishes that can't be granted: a silent success would be a lie.
 *
 * @param fields - headers, or the fields of a form
 * @throws {@link Refusal}
 */
export function checkEncryptionWishes(
  services: EncryptionService,
  { method, headers: fields }: Pick<SignedCall, 'method' | 'headers'>,
): void {
  const reads = method === 'GET' || method === 'HEAD';
  for (const [name, value] of fields) {
    if (!name.includes(subject)) continue;
    if (ofCaller.test(name)) {
      if (!reads) throw new Refusal('NotImplemented', undefined, { Header: name });
      throw new Refusal('InvalidRequest', 'The encryption parameters are not applicable to this object.');
    }
    if (!name.startsWith(header)) continue;
    if (reads) throw invalidArgument(name, value, `${name} header is not supported for this operation.`);
    if (name !== header) throw new Refusal('NotImplemented', undefined, { Header: name });
    checkAlgorithm(services, value);
  }
}

/** @throws {@link Refusal} for all but the store's own encryption, and for that where it is off */
export function checkAlgorithm({ blobs }: EncryptionService, algorithm: string): void {
  if (algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse') {
    throw new Refusal('NotImplemented', 'Encryption with keys of a KMS is not implemented.');
  }
  if (algorithm !== 'AES256') throw new Refusal('InvalidEncryptionAlgorithmError');
  if (blobs.encryption.isOn) return;
  throw new Refusal('NotImplemented', 'This store does not encrypt: it was started without a master key.');
}

/** The header that tells that what is written now is encrypted. */
export function newEncryptionHeader({ blobs }: EncryptionService): Record<string, string> {
  return blobs.encryption.isOn ? { [header]: 'AES256' } : {};
}

/** The header that tells that all of a stored content is encrypted. What is older than the master key is not. */
export function encryptionHeader(
  services: Pick<Services, 'blobs' | 'index'>,
  contentId: number,
): Record<string, string> {
  const { blobs, index } = services;
  return blobs.encryption.isOn && index.contents.isEncrypted(contentId) ? newEncryptionHeader(services) : {};
}

/** Whether a copy must have a content of its own, as that of its source is not encrypted. */
export function mustEncryptCopy(
  { blobs, index }: Pick<Services, 'blobs' | 'index'>,
  contentId: number,
): boolean {
  return blobs.encryption.isOn && !index.contents.isEncrypted(contentId);
}
