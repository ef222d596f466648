import { randomBytes } from 'node:crypto';
import * as v from 'valibot';

/** The secrets that seal: new texts take `current`, `previous` still opens. At least 32 characters each. */
export const keyring = v.strictObject({
  current: v.pipe(v.string(), v.minLength(32)),
  previous: v.optional(v.pipe(v.string(), v.minLength(32))),
});

export type Keyring = v.InferOutput<typeof keyring>;

export function makeKeyring(): Keyring {
  return { current: randomBytes(48).toString('base64url') };
}

/**
 * The next generation: a new key seals, and what the last one has sealed still opens. What the one before it has sealed
 * opens no more, so that a key which may have leaked is gone after two rotations.
 */
export function rotateKeyring({ current }: Keyring): Keyring {
  return { ...makeKeyring(), previous: current };
}
