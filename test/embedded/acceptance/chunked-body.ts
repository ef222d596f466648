import { customEndpoint, targetOf } from '../../../lib/storage/endpoint.ts';
import {
  amzDate,
  canonicalHeaders,
  canonicalRequest,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
} from '../../../lib/storage/sigv4.ts';
import type { Bench } from './target.ts';

/** How the body of a test request is framed and signed. */
export interface Framing {
  readonly signed: boolean;
  /** A trailing checksum header, such as `x-amz-checksum-crc32: …`. */
  readonly trailer?: readonly [name: string, value: string];
  /** What `x-amz-trailer` says. Default: the name of the trailer. */
  readonly announced?: string | undefined;
}

/** A PUT in `aws-chunked` coding: headers and body, as SigV4 describes them. */
export function chunkedPut(
  bench: Bench,
  key: string,
  chunks: readonly Buffer[],
  { signed, trailer, ...framing }: Framing,
) {
  const announced = 'announced' in framing ? framing.announced : trailer?.[0];
  const { credentials, region } = bench;
  const target = targetOf(customEndpoint(bench.endpoint), bench.bucket, key);
  const time = amzDate(new Date());
  const scope = { date: time.slice(0, 8), region, service: 's3' };
  const keyOfScope = signingKey(credentials, scope);
  const payload = `STREAMING-${signed ? 'AWS4-HMAC-SHA256-PAYLOAD' : 'UNSIGNED-PAYLOAD'}${trailer ? '-TRAILER' : ''}`;
  const headers: Record<string, string> = {
    'content-encoding': 'aws-chunked',
    host: target.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': time,
    'x-amz-decoded-content-length': String(Buffer.concat(chunks).length),
    ...(announced !== undefined && { 'x-amz-trailer': announced }),
  };
  const canonical = canonicalHeaders(headers);
  const digest = sha256Hex(
    canonicalRequest({
      method: 'PUT',
      path: target.path,
      query: '',
      headers: canonical,
      payloadHash: payload,
    }),
  );
  let signature = signatureOf(keyOfScope, stringToSign(time, scopeText(scope), digest));
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${canonical.names}, Signature=${signature}`;

  const next = (kind: string, hashes: string) => {
    signature = signatureOf(
      keyOfScope,
      `AWS4-HMAC-SHA256-${kind}\n${time}\n${scopeText(scope)}\n${signature}\n${hashes}`,
    );
    return signature;
  };
  const frame = (chunk: Buffer) => {
    const extension = signed
      ? `;chunk-signature=${next('PAYLOAD', `${sha256Hex('')}\n${sha256Hex(chunk)}`)}`
      : '';
    return `${chunk.length.toString(16)}${extension}\r\n`;
  };
  const frames = chunks.flatMap((chunk) => [Buffer.from(frame(chunk)), chunk, Buffer.from('\r\n')]);
  const last = [frame(Buffer.alloc(0))];
  if (trailer) {
    last.push(`${trailer[0]}:${trailer[1]}\r\n`);
    if (signed)
      last.push(`x-amz-trailer-signature:${next('TRAILER', sha256Hex(`${trailer[0]}:${trailer[1]}\n`))}\r\n`);
  }
  const body = Buffer.concat([...frames, Buffer.from(`${last.join('')}\r\n`)]);
  headers['content-length'] = String(body.length);
  return { url: target.origin + target.path, method: 'PUT', headers, body };
}
