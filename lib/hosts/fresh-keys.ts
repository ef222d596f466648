import type { Keyring } from '../access/keyring.ts';
import type { RotatingSeal } from '../access/seal.ts';
import type { Log } from '../telemetry/log.ts';
import type { ApiGatewayHandler } from './api-gateway.ts';

export interface FreshKeysOptions {
  readonly seal: RotatingSeal;
  /** Reads the signing keys as they are now. */
  readonly readKeyring: () => Promise<Keyring>;
  readonly log: Log;
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
}

/** So seldom may somebody who sends made-up tokens make the service ask for its keys. */
const coolDownSeconds = 10;

/**
 * Keeps up with a rotation of the signing keys. Other execution environments may seal by a new key before this one has
 * heard of it: what names an unknown key lets the keys be read again, and the request be answered once more. It was
 * refused before it had done anything, since nothing is done for a text that does not open.
 */
export function withFreshKeys(
  handler: ApiGatewayHandler,
  { seal, readKeyring, log, now = Date.now }: FreshKeysOptions,
): ApiGatewayHandler {
  let readAt = -Infinity;

  return async (event) => {
    const unknownBefore = seal.countUnknownKeys();
    const result = await handler(event);
    const isCool = now() - readAt >= coolDownSeconds * 1000;
    if (seal.countUnknownKeys() === unknownBefore || !isCool) return result;
    readAt = now();
    try {
      seal.use(await readKeyring());
    } catch (error) {
      log('error', 'The signing keys cannot be read again', { error });
      return result;
    }
    return handler(event);
  };
}
