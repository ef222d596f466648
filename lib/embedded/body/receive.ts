import type { IncomingMessage } from 'node:http';
import type { SignedCall } from '../call.ts';
import { Refusal } from '../refusal.ts';
import { createChunkDecoder } from './aws-chunked.ts';
import type { ByteSink } from './byte-sink.ts';
import { type BatchSink, createBatcher } from './batches.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { HashPool } from './hash-pool.ts';
import { createVerifier, type Digests, type DigestsToMake, type Verifier } from './verify.ts';

/**
 * How many bytes a request announces, without the framing of `aws-chunked`.
 *
 * @throws {@link Refusal} where it doesn't
 */
export function announcedBytes(call: SignedCall): number {
  const name = call.payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length';
  const text = call.headers.get(name);
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new Refusal('MissingContentLength');
  return Number(text);
}

/**
 * Streams a request's body into a sink, and holds it to everything that the request says about it: length, hash of the
 * payload, signatures of chunks, `Content-MD5` and checksum.
 *
 * @throws {@link Refusal} where the body is not what was announced
 */
export async function receiveBody(
  intake: Intake,
  call: SignedCall,
  sink: BatchSink,
  make: DigestsToMake,
): Promise<Digests> {
  const expectedBytes = announcedBytes(call);
  const verifier = createVerifier(call, make, intake.hashing, sink.crc32);
  return takeIn(intake, verifier, sink, expectedBytes, async (bytes) => {
    let receivedBytes = 0;
    const counted: ByteSink = {
      write: (chunk) => {
        receivedBytes += chunk.length;
        if (receivedBytes > expectedBytes) throw new Refusal('IncompleteBody');
        return bytes.write(chunk);
      },
    };
    const { payload } = call;
    const decoder = payload.kind === 'chunked' ? createChunkDecoder(counted, payload.signer) : undefined;
    await pump(call.body(), decoder ?? counted);
    const trailers = decoder?.end();
    checkTrailers(call, trailers);
    if (receivedBytes !== expectedBytes) throw new Refusal('IncompleteBody');
    return trailers;
  });
}

/**
 * What was not announced nobody has prepared for: a checksum among it would pass unchecked.
 *
 * @throws {@link Refusal} `MalformedTrailerError`
 */
function checkTrailers({ headers }: SignedCall, trailers: ReadonlyMap<string, string> = new Map()): void {
  const announced = headers.get('x-amz-trailer')?.toLowerCase().split(',') ?? [];
  const names = announced.map((name) => name.trim());
  for (const name of trailers.keys()) if (!names.includes(name)) throw new Refusal('MalformedTrailerError');
}

/** What bodies pass through on their way in. */
export interface Intake {
  readonly buffers: BufferPool;
  readonly hashing: HashPool;
}

/**
 * Brings a body in batches to its sink and, at the same time, to its verifier.
 *
 * @param source - writes the body's bytes; gives the headers that came behind it
 */
export async function takeIn(
  { buffers }: Intake,
  verifier: Verifier,
  sink: BatchSink,
  expectedBytes: number,
  source: (bytes: ByteSink) => Promise<ReadonlyMap<string, string> | undefined>,
): Promise<Digests> {
  const both: BatchSink = {
    write: async (batch, isLast) => {
      // Neither may still be reading the batch when it is given back, also where the other one has failed.
      const outcomes = await Promise.allSettled([verifier.update(batch, isLast), sink.write(batch, isLast)]);
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
  const batcher = createBatcher(both, buffers, expectedBytes);
  try {
    const trailers = await source(batcher);
    await batcher.end();
    return await verifier.finish(trailers);
  } finally {
    await batcher.close();
    verifier.drop();
  }
}

/** Hands on a request's body as it arrives. Rejects when the connection ends before the body does. */
export function pump(request: IncomingMessage, sink: ByteSink): Promise<void> {
  return new Promise((resolve, reject) => {
    let waiting: Promise<void> | undefined;
    const stop = (error: unknown) => {
      request.off('data', take);
      request.pause();
      reject(error);
    };
    const take = (bytes: Buffer) => {
      try {
        waiting = sink.write(bytes);
      } catch (error) {
        stop(error);
        return;
      }
      if (!waiting) {
        freeMemory(bytes);
        return;
      }
      request.pause();
      const goOn = () => {
        freeMemory(bytes);
        request.resume();
      };
      waiting.then(goOn, stop);
    };
    if (request.destroyed) {
      stop(new Refusal('IncompleteBody'));
      return;
    }
    const breakOff = () => stop(new Refusal('IncompleteBody'));
    request.on('data', take);
    // A stream that is paused at its last bytes ends all the same.
    request.once('end', () => {
      request.off('close', breakOff);
      resolve(waiting);
    });
    request.once('error', breakOff);
    request.once('close', breakOff);
    request.resume();
  });
}

/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, a fast upload would push tens of megabytes of
 * chunks through the caches, and make the collector run for most of the time.
 */
function freeMemory({ buffer, byteLength }: Buffer): void {
  // Not where the chunk shares its memory with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
