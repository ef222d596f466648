import { createHash } from 'node:crypto';
import { sha256Hex, signatureOf } from '../../storage/sigv4.ts';
import { equalHex } from '../auth/authenticate.ts';
import type { ChunkSigner } from '../auth/payload.ts';
import { Refusal } from '../refusal.ts';
import type { ByteSink } from './byte-sink.ts';

/** Takes a body in `aws-chunked` coding and hands on what is inside. */
export interface ChunkDecoder extends ByteSink {
  /** The headers behind the last chunk. @throws {@link Refusal} where the body ended too early */
  readonly end: () => ReadonlyMap<string, string>;
}

const maxLineBytes = 16 * 1024;
const emptyHash = sha256Hex('');
/** What the decoder waits for. */
type State = 'chunk header' | 'chunk' | 'end of chunk' | 'trailer' | 'nothing';

/**
 * @param signer - where every chunk is signed: what to verify the signatures with
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function createChunkDecoder(sink: ByteSink, signer: ChunkSigner | undefined): ChunkDecoder {
  const trailers = new Map<string, string>();
  const signatures = signer && createSignatureChain(signer);
  let state: State = 'chunk header';
  let line = '';
  let leftBytes = 0;
  let chunkSignature = '';

  /** Takes a line's bytes; gives the line once it is whole. */
  function takeLine(bytes: Buffer, at: number): { text?: string; next: number } {
    const end = bytes.indexOf('\n', at);
    const next = end < 0 ? bytes.length : end + 1;
    line += bytes.toString('latin1', at, next);
    if (line.length > maxLineBytes) throw malformed();
    if (end < 0) return { next };
    const text = line.replace(/\r?\n$/, '');
    line = '';
    return { text, next };
  }

  function beginChunk(header: string): void {
    const match = /^(?<size>[\da-f]{1,10})(?:;chunk-signature=(?<signature>[\da-f]{64}))?$/i.exec(header);
    if (!match?.groups) throw malformed();
    leftBytes = Number.parseInt(match.groups['size'] ?? '', 16);
    chunkSignature = match.groups['signature'] ?? '';
    if (leftBytes > 0) {
      state = 'chunk';
      return;
    }
    signatures?.checkChunk(chunkSignature);
    state = 'trailer';
  }

  function takeTrailer(text: string): void {
    if (text !== '') {
      const colon = text.indexOf(':');
      if (colon < 1) throw malformed();
      trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
      return;
    }
    if (trailers.size > 0) signatures?.checkTrailer(trailers);
    state = 'nothing';
  }

  function takeData(bytes: Buffer, at: number): { wait: Promise<void> | undefined; next: number } {
    const data = bytes.subarray(at, at + leftBytes);
    leftBytes -= data.length;
    signatures?.update(data);
    if (leftBytes === 0) {
      signatures?.checkChunk(chunkSignature);
      state = 'end of chunk';
    }
    return { wait: sink.write(data), next: at + data.length };
  }

  function advance(bytes: Buffer, from: number): Promise<void> | undefined {
    let at = from;
    while (at < bytes.length) {
      if (state === 'nothing') throw malformed();
      if (state === 'chunk') {
        const { wait, next } = takeData(bytes, at);
        if (wait) return wait.then(() => advance(bytes, next));
        at = next;
        continue;
      }
      const { text, next } = takeLine(bytes, at);
      at = next;
      if (text === undefined) continue;
      if (state === 'chunk header') beginChunk(text);
      else if (state === 'trailer') takeTrailer(text);
      else if (text === '') state = 'chunk header';
      else throw malformed();
    }
    return undefined;
  }

  return {
    write: (bytes) => advance(bytes, 0),
    end: () => {
      // Some senders leave out the empty line behind the last chunk when there is no trailer.
      const whole = state === 'nothing' || (state === 'trailer' && trailers.size === 0 && line === '');
      if (!whole) throw new Refusal('IncompleteBody');
      return trailers;
    },
  };
}

/** Each signature covers a chunk and the signature before it. */
function createSignatureChain({ key, time, scope, seedSignature }: ChunkSigner) {
  let previous = seedSignature;
  let hash = createHash('sha256');

  function check(kind: string, hashes: string, given: string): void {
    const expected = signatureOf(key, `AWS4-HMAC-SHA256-${kind}\n${time}\n${scope}\n${previous}\n${hashes}`);
    if (!equalHex(expected, given)) throw new Refusal('SignatureDoesNotMatch');
    previous = expected;
  }

  return {
    update: (data: Buffer) => void hash.update(data),
    checkChunk: (signature: string) => {
      check('PAYLOAD', `${emptyHash}\n${hash.digest('hex')}`, signature);
      hash = createHash('sha256');
    },
    checkTrailer: (trailers: Map<string, string>) => {
      const signature = trailers.get('x-amz-trailer-signature') ?? '';
      trailers.delete('x-amz-trailer-signature');
      const lines = Array.from(trailers, ([name, value]) => `${name}:${value}\n`).join('');
      check('TRAILER', sha256Hex(lines), signature);
    },
  };
}

function malformed(): Refusal {
  return new Refusal('IncompleteBody', 'The body is not a well-formed aws-chunked stream.');
}
