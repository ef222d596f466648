import type { KeyObject } from 'node:crypto';
import { unsignedPayload } from '../../storage/sigv4.ts';
import { invalidArgument } from '../refusal.ts';

/** How a request vouches for its body. */
export type Payload =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'hashed'; readonly sha256: string }
  | {
      readonly kind: 'chunked';
      /** Whether headers follow the last chunk. */
      readonly trailer: boolean;
      /** Present where every chunk is signed. */
      readonly signer?: ChunkSigner;
    };

/** What a chunk's signature is computed with; each signature seeds the next. */
export interface ChunkSigner {
  readonly key: KeyObject;
  readonly time: string;
  readonly scope: string;
  readonly seedSignature: string;
}

/**
 * Reads the value of `x-amz-content-sha256`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function parsePayload(value: string, signer: ChunkSigner): Payload {
  switch (value) {
    case unsignedPayload:
      return { kind: 'unsigned' };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', trailer: true };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { kind: 'chunked', trailer: false, signer };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', trailer: true, signer };
    default:
      if (/^[\da-f]{64}$/.test(value)) return { kind: 'hashed', sha256: value };
      throw invalidArgument(
        'x-amz-content-sha256',
        value,
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a streaming payload type, or a valid SHA-256 value.',
      );
  }
}
