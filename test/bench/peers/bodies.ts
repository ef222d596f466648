import { crc32 } from '@node-rs/crc32';

/** A body of a whole number of MiB, ready to be sent in each of the ways that clients send one. */
export interface UploadBody {
  /** What the head of the request says about it. */
  readonly contentBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
  readonly pieces: () => Iterable<Buffer>;
}

const pieceBytes = 1024 * 1024;
/** What the AWS SDK for JavaScript makes of a stream. */
const chunkBytes = 64 * 1024;
const piece = Buffer.alloc(pieceBytes);
for (let at = 0; at < pieceBytes; at += 4) piece.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);

export function plainBody(mebibytes: number): UploadBody {
  return { contentBytes: mebibytes * pieceBytes, pieces: () => repeat(piece, mebibytes) };
}

/** As the SDKs send it by default: in `aws-chunked` coding, with its CRC-32 in the trailer. */
export function bodyWithTrailer(mebibytes: number): UploadBody {
  const chunks = Array.from({ length: pieceBytes / chunkBytes }, (_, chunk) => [
    Buffer.from(`${chunkBytes.toString(16)}\r\n`),
    piece.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes),
    Buffer.from('\r\n'),
  ]);
  const framed = Buffer.concat(chunks.flat());
  let crc = 0;
  for (let count = 0; count < mebibytes; count += 1) crc = crc32(piece, crc);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc);
  const trailer = Buffer.from(`0\r\nx-amz-checksum-crc32:${checksum.toString('base64')}\r\n\r\n`);
  return {
    contentBytes: framed.length * mebibytes + trailer.length,
    payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'x-amz-decoded-content-length': String(mebibytes * pieceBytes),
    },
    pieces: function* () {
      yield* repeat(framed, mebibytes);
      yield trailer;
    },
  };
}

function* repeat(bytes: Buffer, times: number): Generator<Buffer> {
  for (let count = 0; count < times; count += 1) yield bytes;
}
