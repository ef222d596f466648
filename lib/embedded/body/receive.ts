import type { IncomingMessage } from 'node:http';
import type { SignedCall } from '../call.ts';
import { Refusal } from '../refusal.ts';
import { createChunkDecoder } from './aws-chunked.ts';
import type { ByteSink } from './byte-sink.ts';
import { createVerifier, type Digests, type DigestsToMake } from './verify.ts';

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
export async function receiveBody(call: SignedCall, sink: ByteSink, make: DigestsToMake): Promise<Digests> {
  const expectedBytes = announcedBytes(call);
  const verifier = createVerifier(call, make);
  let receivedBytes = 0;
  const counted: ByteSink = {
    write: (bytes) => {
      receivedBytes += bytes.length;
      if (receivedBytes > expectedBytes) throw new Refusal('IncompleteBody');
      verifier.update(bytes);
      return sink.write(bytes);
    },
  };
  const { payload } = call;
  const decoder = payload.kind === 'chunked' ? createChunkDecoder(counted, payload.signer) : undefined;
  await pump(call.body(), decoder ?? counted);
  const trailers = decoder?.end();
  if (receivedBytes !== expectedBytes) throw new Refusal('IncompleteBody');
  return verifier.finish(trailers);
}

/** Hands on a request's body as it arrives. Rejects when the connection ends before the body does. */
export function pump(request: IncomingMessage, sink: ByteSink): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (error: unknown) => {
      request.off('data', take);
      request.pause();
      reject(error);
    };
    const take = (bytes: Buffer) => {
      try {
        const wait = sink.write(bytes);
        if (!wait) return;
        request.pause();
        wait.then(() => request.resume(), stop);
      } catch (error) {
        stop(error);
      }
    };
    if (request.destroyed) {
      stop(new Refusal('IncompleteBody'));
      return;
    }
    request.on('data', take);
    request.once('end', resolve);
    request.once('error', () => stop(new Refusal('IncompleteBody')));
    request.once('close', () => stop(new Refusal('IncompleteBody')));
    request.resume();
  });
}
