import { randomBytes } from 'node:crypto';

/**
 * MD5 takes several times as long as receiving a body and writing it to disk, and nothing can compute it on two
 * threads. So large bodies get it only when their sender gives one (`Content-MD5`), which is what programs do that
 * compare it afterwards. Up to this size, every body has it.
 */
const maxMd5Bytes = 16 * 1024 * 1024;

/** Whether the ETag of a body is its MD5 also when the sender gives none. */
export function wantsMd5(sizeBytes: number): boolean {
  return sizeBytes <= maxMd5Bytes;
}

/**
 * An ETag that says nothing about the bytes. Clients take those with a dash, as of objects that came in parts, for what
 * they are: no MD5.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function opaqueEtag(): string {
  return `${randomBytes(16).toString('hex')}-1`;
}
