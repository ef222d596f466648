import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import * as v from 'valibot';
import { type ErrorCode, StowageError } from '../errors.ts';
import type { Keyring } from './keyring.ts';

/**
 * Sealed texts: small data that the service hands out and takes back, which nobody else can read, alter or make
 * (AES-256-GCM under a key derived per purpose). Delegated tokens and upload ids are sealed, so that no database is
 * asked on the way.
 *
 * Wire form, base64url: key id (4 bytes), nonce (12), ciphertext, tag (16).
 */

/** What a sealed text is for. One made for a purpose opens for no other. */
export type SealPurpose = 'token' | 'upload';

export interface Seal {
  seal: (purpose: SealPurpose, payload: unknown, expiresAt: Date) => string;
  /** @throws {@link SealError} */
  open: (purpose: SealPurpose, text: string) => { readonly payload: unknown; readonly expiresAt: Date };
}

/** A seal whose keys may be replaced while it is in use. */
export interface RotatingSeal extends Seal {
  /** Seals with `current` from now on, and opens what either key has sealed. */
  readonly use: (secrets: Keyring) => void;
  /** How often a text named a key that is not among these: a sign that somebody else has newer ones. */
  readonly countUnknownKeys: () => number;
}

/** A text that was not sealed here (`forged`), or that is past its time (`expired`). */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly reason: 'forged' | 'expired';

  constructor(reason: 'forged' | 'expired') {
    super(`the sealed text is ${reason}`);
    this.reason = reason;
  }
}

const envelope = v.strictTuple([v.number(), v.unknown()]);
const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;

export function createSeal(secrets: Keyring, now: () => Date): RotatingSeal {
  let { current, known } = deriveRing(secrets);
  let unknownKeys = 0;

  return {
    use(renewed) {
      ({ current, known } = deriveRing(renewed));
    },

    countUnknownKeys: () => unknownKeys,

    seal(purpose, payload, expiresAt) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', current.keys[purpose], nonce);
      const expiresAtSeconds = Math.floor(expiresAt.getTime() / 1000);
      const text = cipher.update(JSON.stringify([expiresAtSeconds, payload]), 'utf8');
      return Buffer.concat([current.id, nonce, text, cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      );
    },

    open(purpose, text) {
      const bytes = Buffer.from(text, 'base64url');
      const id = bytes.subarray(0, keyIdBytes);
      const sealer = known.find((candidate) => candidate.id.equals(id));
      if (!sealer) unknownKeys += 1;
      // Only the canonical spelling opens: base64url decoding itself would overlook stray characters.
      if (
        !sealer ||
        bytes.length < keyIdBytes + nonceBytes + tagBytes ||
        bytes.toString('base64url') !== text
      ) {
        throw new SealError('forged');
      }
      const [expiresAtSeconds, payload] = decrypt(sealer.keys[purpose], bytes.subarray(keyIdBytes));
      const expiresAt = new Date(expiresAtSeconds * 1000);
      if (expiresAt <= now()) throw new SealError('expired');
      return { payload, expiresAt };
    },
  };
}

interface DerivedKeys {
  readonly id: Buffer;
  readonly keys: Readonly<Record<SealPurpose, KeyObject>>;
}

function deriveRing({ current: secret, previous }: Keyring) {
  const current = deriveKeys(secret);
  return { current, known: previous === undefined ? [current] : [current, deriveKeys(previous)] };
}

function deriveKeys(secret: string): DerivedKeys {
  const derive = (purpose: SealPurpose) =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', `stowage seal ${purpose}`, 32)));
  return {
    id: hash('sha256', secret, 'buffer').subarray(0, keyIdBytes),
    keys: { token: derive('token'), upload: derive('upload') },
  };
}

function decrypt(key: KeyObject, bytes: Buffer): v.InferOutput<typeof envelope> {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    return v.parse(envelope, JSON.parse(text.toString()));
  } catch {
    throw new SealError('forged');
  }
}

/** The refusals that a caller gets for a sealed text that does not open. */
export type SealRefusals = Readonly<Record<SealError['reason'], readonly [code: ErrorCode, detail: string]>>;

/**
 * Opens a sealed text that a caller sent.
 *
 * @throws {@link StowageError} as `refusals` says
 */
export function openSealed<T>(
  seal: Seal,
  purpose: SealPurpose,
  text: string,
  schema: v.GenericSchema<unknown, T>,
  refusals: SealRefusals,
): { payload: T; expiresAt: Date } {
  try {
    const { payload, expiresAt } = seal.open(purpose, text);
    return { payload: v.parse(schema, payload), expiresAt };
  } catch (error) {
    if (error instanceof SealError) throw new StowageError(...refusals[error.reason]);
    // Sealed by another version of the service: as good as unknown.
    if (error instanceof v.ValiError) throw new StowageError(...refusals.forged);
    throw error;
  }
}
