import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KeySource } from '../../config/standalone-environment.ts';
import { DamagedContent } from '../blobs/block-coding.ts';

/** The key that the keys of all contents are wrapped by. */
export interface MasterKey {
  /** Names the key and tells nothing of it. */
  readonly id: string;
  /** @param context - what the wrapped key is for; it opens for nothing else */
  readonly wrap: (dataKey: Buffer, context: string) => Buffer;
  /** @throws {@link DamagedContent} for what this key has not wrapped, or has wrapped for something else */
  readonly unwrap: (wrapped: Buffer, context: string) => Buffer;
}

const keyBytes = 32;
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** @throws Error when the file can't be read, or its text is no key */
export function readMasterKey(source: KeySource): MasterKey {
  const isFile = 'path' in source;
  const text = (isFile ? readFileSync(source.path, 'utf8') : source.text).trim();
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== keyBytes || bytes.toString('base64') !== text) {
    throw new Error(
      `The master key${isFile ? ` in ${source.path}` : ''} must be ${keyBytes} random bytes in base64, as "openssl rand -base64 ${keyBytes}" prints them.`,
    );
  }
  return createMasterKey(bytes);
}

function createMasterKey(secret: Buffer): MasterKey {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `stowage master key ${purpose}`, length));
  const key: KeyObject = createSecretKey(derive('wrap', keyBytes));
  return {
    id: derive('id', 8).toString('hex'),
    wrap: (dataKey, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    },
    unwrap: (wrapped, context) => {
      try {
        const nonce = wrapped.subarray(0, nonceBytes);
        const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(context)).setAuthTag(wrapped.subarray(-tagBytes));
        const opened = decipher.update(wrapped.subarray(nonceBytes, -tagBytes));
        return Buffer.concat([opened, decipher.final()]);
      } catch (error) {
        throw new DamagedContent('The key of a stored content does not open.', { cause: error });
      }
    },
  };
}
