import { xmlElement } from '../../storage/xml.ts';
import { demand } from '../auth/authorize.ts';
import { parseChecksumAlgorithm, readRequestedChecksum } from '../body/checksums.ts';
import { announcedBytes, receiveBody } from '../body/receive.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import { wantsMd5 } from '../etag.ts';
import type { Bucket } from '../index/buckets.ts';
import type { Upload } from '../index/uploads.ts';
import { abortHeaders } from '../lifecycle/announce.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { newEncryptionHeader } from '../server-side-encryption.ts';
import { bucketOf } from './buckets.ts';
import { checksumElementName } from './checksum-elements.ts';
import { readPartNumber } from './get-object.ts';
import { readEncoding, readLimit } from './list-parameters.ts';
import { owner } from './owner.ts';
import { maxBodyBytes } from './write-object.ts';
import { writeContent } from './write-content.ts';

/** @throws {@link Refusal} `NoSuchUpload` */
export function uploadOf(services: Services, call: SignedCall): { bucket: Bucket; upload: Upload } {
  const bucket = bucketOf(services, call);
  const id = call.query.get('uploadId') ?? '';
  const upload = services.index.uploads.find(bucket.id, call.key, id);
  if (!upload) throw new Refusal('NoSuchUpload', undefined, { UploadId: id });
  return { bucket, upload };
}

export const uploadPart: Operation = async (services, call) => {
  const { blobs } = services;
  const partNumber = readPartNumber(call.query.get('partNumber') ?? '');
  const { upload } = uploadOf(services, call);
  const expectedBytes = announcedBytes(call);
  if (expectedBytes > maxBodyBytes) throw new Refusal('EntityTooLarge');
  demand(call, { action: 'write', bucket: call.bucket, key: call.key, sizeBytes: expectedBytes });
  const requested = readRequestedChecksum(call.headers);
  const algorithm = parseChecksumAlgorithm(upload.checksumAlgorithm ?? '');
  if (upload.checksumType === 'COMPOSITE' && !requested) {
    throw new Refusal(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${algorithm}, actual checksum Type: null`,
    );
  }
  const { etag, checksum, replacedFile } = await writeContent(
    services,
    { contentId: upload.contentId, partNumber, mayInline: false },
    (sink) =>
      receiveBody(services.intake, call, sink, {
        md5: wantsMd5(expectedBytes),
        requested,
        checksum: algorithm,
      }),
    (received, replacedFile) => {
      // The upload may have been aborted or completed since its part began to arrive.
      uploadOf(services, call);
      return { ...received, replacedFile };
    },
  );
  if (replacedFile !== undefined) blobs.discard([replacedFile]);
  return {
    status: 200,
    headers: {
      etag: `"${etag}"`,
      ...newEncryptionHeader(services),
      ...(checksum && { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value }),
    },
  };
};

export const listParts: Operation = (services, call) => {
  const { query } = call;
  const { bucket, upload } = uploadOf(services, call);
  const { name: encodingType, encode } = readEncoding(query);
  const limit = readLimit(query, 'max-parts');
  const marker = Number.parseInt(query.get('part-number-marker') ?? '', 10) || 0;
  const pieces = services.index.contents.pieces(upload.contentId, marker, limit + 1);
  const page = pieces.slice(0, limit);
  // A marker on the last page, too, leads the SDK's paginator round and round.
  const isTruncated = limit > 0 && pieces.length > limit;
  const checksumElement = upload.checksumAlgorithm && checksumElementName(upload.checksumAlgorithm);
  const elements = [
    xmlElement('Bucket', call.bucket),
    xmlElement('Key', encode(call.key)),
    xmlElement('UploadId', upload.id),
    owner('Initiator'),
    owner('Owner'),
    xmlElement('StorageClass', upload.storageClass),
    xmlElement('PartNumberMarker', marker),
    xmlElement('NextPartNumberMarker', isTruncated ? page.at(-1)?.partNumber : undefined),
    xmlElement('MaxParts', limit),
    xmlElement('EncodingType', encodingType),
    xmlElement('IsTruncated', isTruncated),
    xmlElement('ChecksumAlgorithm', upload.checksumAlgorithm?.toUpperCase()),
    xmlElement('ChecksumType', upload.checksumType),
    ...page.map(({ partNumber, sizeBytes, etag, checksum, receivedAt }) =>
      xmlElement('Part', [
        xmlElement('PartNumber', partNumber),
        xmlElement('LastModified', new Date(receivedAt).toISOString()),
        xmlElement('ETag', `"${etag}"`),
        xmlElement('Size', sizeBytes),
        ...(checksumElement ? [xmlElement(checksumElement, checksum)] : []),
      ]),
    ),
  ];
  return xmlReply('ListPartsResult', elements, abortHeaders(services, bucket, upload));
};

export const abortMultipartUpload: Operation = async (services, call) => {
  const { index, blobs } = services;
  const freed = await index.commit(() => {
    const { bucket, upload } = uploadOf(services, call);
    index.uploads.remove(bucket.id, upload.key, upload.id);
    return index.contents.free(upload.contentId);
  });
  blobs.free(freed);
  return { status: 204 };
};
