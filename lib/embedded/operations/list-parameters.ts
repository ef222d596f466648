import { uriEncodePath } from '../../storage/sigv4.ts';
import { invalidArgument } from '../refusal.ts';

/**
 * Reads a parameter like `max-keys`: at most 1,000, whatever is asked for.
 *
 * @throws {@link Refusal} `InvalidArgument`
 */
export function readLimit(query: ReadonlyMap<string, string>, name: string): number {
  const text = query.get(name) || '1000';
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw invalidArgument(name, text, `Argument ${name} must be an integer between 0 and 2147483647`);
  }
  return Math.min(Number(text), 1000);
}

/**
 * How keys are written into an answer: as they are, or percent-encoded, as XML can't hold every character of a key.
 *
 * @throws {@link Refusal} `InvalidArgument`
 */
export function readEncoding(query: ReadonlyMap<string, string>): {
  readonly name: string | undefined;
  readonly encode: (text: string) => string;
} {
  const name = query.get('encoding-type');
  if (name === undefined) return { name, encode: (text) => text };
  if (name.toLowerCase() === 'url') return { name: 'url', encode: uriEncodePath };
  throw invalidArgument('encoding-type', name, 'Invalid Encoding Method specified in Request');
}

/** Opaque to callers, and free of characters that XML or a URL would change. */
export function writeToken(next: string): string {
  return Buffer.from(next).toString('base64url');
}

/** @throws {@link Refusal} `InvalidArgument` */
export function readToken(token: string): string {
  const next = Buffer.from(token, 'base64url').toString('utf8');
  if (token !== '' && writeToken(next) === token) return next;
  throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
}
