import type { Context } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from './env.ts';

/** Enough for a completion that names 10,000 parts. */
const maxBodyBytes = 2 * 2 ** 20;

/**
 * The request's whole body as text.
 *
 * A body is touched here alone, so that one which nobody reads stays a plain stream, which the host can throw away: a
 * connection with half a body on it could not be used again.
 *
 * @throws {@link StowageError} `body_too_large`, at once where the length is announced
 */
export async function readBody(c: Context<AppEnv>): Promise<string> {
  const announced = c.req.header('content-length');
  if (announced === undefined) return collect(c.req.raw.body);
  if (Number(announced) > maxBodyBytes) throw tooLarge();
  return c.req.text();
}

async function collect(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function tooLarge(): StowageError {
  return new StowageError('body_too_large', `The body may hold at most ${maxBodyBytes} bytes.`);
}
