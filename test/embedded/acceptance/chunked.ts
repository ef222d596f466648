import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkedPut } from './chunked-body.ts';
import { bytesOf, codeOf, type S3Target, useTarget } from './target.ts';
import { sendRaw } from './wire.ts';

/** Bodies in `aws-chunked` coding. */
export function describeChunked(start: () => Promise<S3Target>): void {
  describe('aws-chunked bodies', () => {
    const target = useTarget(start);
    const put = (
      { url, method, headers, body }: ReturnType<typeof chunkedPut>,
      pieces: Iterable<Buffer> = [body],
    ) => sendRaw(url, { method, headers, body: pieces });

    test('arrive whole, however they are framed and however the network cuts them', async () => {
      const { s3, bucket: Bucket } = target();
      const bytes = (maxLength: number) =>
        fc.uint8Array({ minLength: 1, maxLength, size: 'max' }).map((array) => Buffer.from(array));
      const framing = fc.record({ signed: fc.boolean(), withTrailer: fc.boolean() }).filter(
        // A body with neither is not a kind that S3 has.
        ({ signed, withTrailer }) => signed || withTrailer,
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(bytes(3000), { maxLength: 6 }),
          framing,
          fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 }),
          async (chunks, { signed, withTrailer }, cuts) => {
            const whole = Buffer.concat(chunks);
            const request = chunkedPut(target(), 'k', chunks, {
              signed,
              ...(withTrailer && { trailer: ['x-amz-checksum-crc32', crc32Of(whole)] as const }),
            });
            const answer = await put(request, cut(request.body, cuts));
            expect(answer).toMatchObject({ status: 200 });
            expect(Buffer.compare(await bytesOf(await s3.getObject({ Bucket, Key: 'k' })), whole)).toBe(0);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('are refused when a chunk, its signature, the trailer or the length is not right', async () => {
      const { s3, bucket: Bucket } = target();
      const chunks = [Buffer.alloc(9000, 'a'), Buffer.alloc(10, 'b')];
      const crc = crc32Of(Buffer.concat(chunks));
      const alter = (request: ReturnType<typeof chunkedPut>, from: string, to: string) => ({
        ...request,
        body: Buffer.from(request.body.toString('latin1').replace(from, to), 'latin1'),
      });
      const signed = () =>
        chunkedPut(target(), 'broken', chunks, { signed: true, trailer: ['x-amz-checksum-crc32', crc] });
      const unsigned = (value: string) =>
        chunkedPut(target(), 'broken', chunks, { signed: false, trailer: ['x-amz-checksum-crc32', value] });

      const cases = [
        [alter(signed(), 'bbbb', 'bbbc'), 'SignatureDoesNotMatch'],
        [alter(signed(), 'chunk-signature=', `chunk-signature=${'0'.repeat(64)};old=`), 'IncompleteBody'],
        [alter(signed(), crc, crc32Of(Buffer.from('x'))), 'SignatureDoesNotMatch'],
        [unsigned(crc32Of(Buffer.from('x'))), 'BadDigest'],
        [alter(unsigned(crc), 'bbbb', 'bbbc'), 'BadDigest'],
        [alter(unsigned(crc), '2328\r\n', 'zzzz\r\n'), 'IncompleteBody'],
        [alter(unsigned(crc), 'x-amz-checksum-crc32', 'x-amz-checksum-crc99'), 'MalformedTrailerError'],
      ] as const;
      for (const [request, code] of cases) expect((await put(request)).code).toBe(code);
      expect(await codeOf(s3.headObject({ Bucket, Key: 'broken' }))).toBe('NotFound');
    });

    test.each([true, false])(
      'are refused when their trailer was not announced (signed: %s)',
      async (signed) => {
        const { s3, bucket: Bucket } = target();
        const chunks = [Buffer.from('hello')];
        const trailer = ['x-amz-checksum-crc32', crc32Of(Buffer.from('other'))] as const;
        const malformed = { status: 400, code: 'MalformedTrailerError' };
        const request = (framing: object) =>
          chunkedPut(target(), 'trailed', chunks, { signed, trailer, ...framing });
        expect(await put(request({ announced: undefined }))).toMatchObject(malformed);
        expect(await put(request({ announced: 'x-amz-checksum-crc32c' }))).toMatchObject(malformed);
        expect(await codeOf(s3.headObject({ Bucket, Key: 'trailed' }))).toBe('NotFound');
      },
    );

    test('are refused when they end too early', async () => {
      const chunks = [Buffer.alloc(9000, 'a')];
      const request = chunkedPut(target(), 'short', chunks, { signed: true });
      const body = request.body.subarray(0, 4000);
      const headers = { ...request.headers, 'content-length': String(body.length) };
      expect((await put({ ...request, headers, body })).code).toBe('IncompleteBody');
    });
  });
}

function crc32Of(bytes: Buffer): string {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc32(bytes));
  return result.toString('base64');
}

function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (const length of lengths) {
    if (at >= bytes.length) return;
    yield bytes.subarray(at, at + length);
    at += length;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}
