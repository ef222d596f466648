import { createHash } from 'node:crypto';
import { crc32, crc32c } from '@node-rs/crc32';
import { createCrc64Nvme } from './crc64nvme.ts';

/** The digests that S3 knows: MD5 for ETags, and the algorithms of `x-amz-checksum-…`. */
export type HasherName = 'md5' | 'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256';

export interface Hasher {
  readonly update: (bytes: Uint8Array) => unknown;
  readonly digest: () => Buffer;
}

export function createHasher(name: HasherName): Hasher {
  switch (name) {
    case 'crc32':
      return createCrc(crc32);
    case 'crc32c':
      return createCrc(crc32c);
    case 'crc64nvme':
      return createCrc64Nvme();
    default:
      return createHash(name);
  }
}

function createCrc(continued: (bytes: Uint8Array, crc: number) => number): Hasher {
  let crc = 0;
  return {
    update: (bytes) => (crc = continued(bytes, crc)),
    digest: () => bytesOfCrc(crc),
  };
}

export function bytesOfCrc(crc: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc);
  return bytes;
}
