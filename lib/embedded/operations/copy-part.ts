import { xmlElement } from '../../storage/xml.ts';
import { copyContent } from '../blobs/copy-content.ts';
import { parseChecksumAlgorithm } from '../body/checksums.ts';
import { takeIn } from '../body/receive.ts';
import { createVerifier, storedBytes } from '../body/verify.ts';
import type { Operation, SignedCall } from '../call.ts';
import { wantsMd5 } from '../etag.ts';
import type { ByteRange } from '../ranges.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { newEncryptionHeader } from '../server-side-encryption.ts';
import { checksumElementName } from './checksum-elements.ts';
import { type CopySource, copySourceOf, copySourceVersionHeader } from './copy-source.ts';
import { readPartNumber } from './get-object.ts';
import { maxBodyBytes } from './write-object.ts';
import { uploadOf } from './upload-parts.ts';
import { writeContent } from './write-content.ts';

/**
 * Makes a part of another object, or of a range of it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 */
export const uploadPartCopy: Operation = async (services, call) => {
  const { blobs, intake } = services;
  const partNumber = readPartNumber(call.query.get('partNumber') ?? '');
  const { upload } = uploadOf(services, call);
  const source = copySourceOf(services, call);
  const range = readCopyRange(call, source);
  const sizeBytes = range.last - range.first + 1;
  if (sizeBytes > maxBodyBytes) throw new Refusal('EntityTooLarge');
  const checksumAlgorithm = parseChecksumAlgorithm(upload.checksumAlgorithm ?? '');

  const release = blobs.hold(source.object.contentId);
  try {
    const verifier = createVerifier(
      storedBytes,
      { md5: wantsMd5(sizeBytes), requested: undefined, checksum: checksumAlgorithm },
      intake.hashing,
    );
    const { etag, checksum, receivedAt, replacedFile } = await writeContent(
      services,
      { contentId: upload.contentId, partNumber, mayInline: false },
      (sink) =>
        takeIn(intake, verifier, sink, sizeBytes, async (bytes) => {
          await copyContent(services, source.object.contentId, range, bytes);
          return undefined;
        }),
      (received, replacedFile) => {
        // The upload may have been aborted or completed meanwhile.
        uploadOf(services, call);
        return { ...received, replacedFile };
      },
    );
    if (replacedFile !== undefined) blobs.discard([replacedFile]);
    return xmlReply(
      'CopyPartResult',
      [
        xmlElement('LastModified', new Date(receivedAt).toISOString()),
        xmlElement('ETag', `"${etag}"`),
        ...(checksum ? [xmlElement(checksumElementName(checksum.algorithm), checksum.value)] : []),
      ],
      { ...newEncryptionHeader(services), ...copySourceVersionHeader(source) },
    );
  } finally {
    release();
  }
};

/** Unlike a `Range`, it must lie within the source as a whole. */
function readCopyRange({ headers }: SignedCall, { object }: CopySource): ByteRange {
  const name = 'x-amz-copy-source-range';
  const text = headers.get(name);
  if (text === undefined) return { first: 0, last: object.sizeBytes - 1 };
  const match = /^bytes=(?<first>\d{1,15})-(?<last>\d{1,15})$/.exec(text);
  const range = { first: Number(match?.groups?.['first']), last: Number(match?.groups?.['last']) };
  if (!match || range.first > range.last) {
    throw invalidArgument(
      name,
      text,
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  }
  if (range.last < object.sizeBytes) return range;
  throw invalidArgument(
    name,
    text,
    `Range specified is not valid for source object of size: ${object.sizeBytes}`,
  );
}
