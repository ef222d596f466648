import type { Context } from 'hono';
import { StowageError } from '../errors.ts';
import type { AppEnv } from './env.ts';

/** Enough for a completion that names 10,000 parts. */
const maxBodyBytes = 2 * 2 ** 20;

/** Whatever a header says of it, JSON is UTF-8 (RFC 8259, section 8.1). What is not would become another text. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The request's whole body as text.
 *
 * A body is touched here alone, so that one which nobody reads stays a plain stream, which the host can throw away: a
 * connection with half a body on it could not be used again.
 *
 * @throws {@link StowageError} `body_too_large`, at once where the length is announced; `body_incomplete` when the caller
 * breaks off, who then hears nothing of it; `invalid_json` for what is not UTF-8
 */
export async function readBody(c: Context<AppEnv>): Promise<string> {
  const announced = c.req.header('content-length');
  if (Number(announced ?? 0) > maxBodyBytes) throw tooLarge();
  const reading = announced === undefined ? collect(c.req.raw.body) : c.req.arrayBuffer();
  const bytes = await reading.catch((error: unknown) => {
    throw error instanceof StowageError ? error : brokenOff(error);
  });
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new StowageError('invalid_json', 'The body is not UTF-8.', { cause: error });
  }
}

async function collect(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Nothing but the connection, and whoever is at its other end, can fail while a body is read. */
function brokenOff(cause: unknown): StowageError {
  return new StowageError('body_incomplete', 'The connection ended before the body did.', { cause });
}

function tooLarge(): StowageError {
  return new StowageError('body_too_large', `The body may hold at most ${maxBodyBytes} bytes.`);
}
