import { createHmac, randomBytes } from 'node:crypto';

/**
 * Signatures by the Standard Webhooks specification. By our own hand: the library's are JavaScript, and Node's are ten
 * lines. Receivers verify with the library, and so do the tests.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

const prefix = 'whsec_';
/** The specification asks for 24 to 64. */
const secretBytes = 32;

/** A new secret: `whsec_` and base64. */
export function createWebhookSecret(): string {
  return prefix + randomBytes(secretBytes).toString('base64');
}

export interface WebhookMessage {
  /** The same at every attempt, so that the receiver can tell what it has seen. */
  readonly id: string;
  readonly body: string;
}

/**
 * The headers of one attempt.
 *
 * @param secrets - one, or while a secret is being replaced all that count
 * @param time - of the attempt; receivers refuse what is older than some minutes
 */
export function signedWebhookHeaders(
  { id, body }: WebhookMessage,
  secrets: readonly string[],
  time: Date,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(time.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
