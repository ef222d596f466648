import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The text of an API key: `stow_`, the key's id (12 characters), its secret (32) and a checksum (6), all of letters and
 * digits. By prefix and checksum a scanner knows a leaked key from any other text, and a mistyped one is refused without
 * a look at the records: `/\bstow_[0-9A-Za-z]{50}\b/`, whose last six are the CRC-32 of all before them in base 62.
 */

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const prefix = 'stow_';
const idLength = 12;
const secretLength = 32;
const checksumLength = 6;
const form = new RegExp(`^${prefix}[0-9A-Za-z]{${idLength + secretLength + checksumLength}}$`);

/** What is known of a key's text. The text itself is kept nowhere. */
export interface KeyText {
  readonly keyId: string;
  /** SHA-256 of the whole text: with 190 random bits in it, no slow hash is needed. */
  readonly sha256: Buffer;
}

/** @param keyId - of a key that gets a new secret; default: a new one */
export function makeKeyText(keyId: string = draw(idLength)): KeyText & { readonly text: string } {
  const body = `${prefix}${keyId}${draw(secretLength)}`;
  const text = `${body}${checksum(body)}`;
  return { keyId, text, sha256: hash('sha256', text, 'buffer') };
}

/** @returns `undefined` for what is no API key, or a mistyped one */
export function readKeyText(text: string): KeyText | undefined {
  if (!form.test(text) || checksum(text.slice(0, -checksumLength)) !== text.slice(-checksumLength)) {
    return undefined;
  }
  const keyId = text.slice(prefix.length, prefix.length + idLength);
  return { keyId, sha256: hash('sha256', text, 'buffer') };
}

function draw(length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  while (digits.length < checksumLength) {
    digits = alphabet.charAt(rest % alphabet.length) + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
