import { createHash } from 'node:crypto';
import { xmlElement, type XmlNode } from '../../storage/xml.ts';
import { demand } from '../auth/authorize.ts';
import { withRoom } from '../auth/writing.ts';
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  parseChecksumAlgorithm,
  readRequestedChecksum,
  unknownAlgorithm,
} from '../body/checksums.ts';
import { createHasher } from '../body/hashers.ts';
import { combineCrcs, isCrc } from '../body/crc-combine.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation, Reply, RoomRequest, Services, SignedCall } from '../call.ts';
import { checkWrite } from '../conditions.ts';
import { causeOf } from '../events.ts';
import type { Bucket } from '../index/buckets.ts';
import type { Piece } from '../index/contents.ts';
import type { ObjectChecksum, StoredObject } from '../index/objects.ts';
import type { Upload } from '../index/uploads.ts';
import { expirationHeader } from '../lifecycle/announce.ts';
import { Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { encryptionHeader } from '../server-side-encryption.ts';
import { type NewObject, putVersion, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { checksumElementName, checksumElements } from './checksum-elements.ts';
import { uploadOf } from './upload-parts.ts';

/** All parts but the last. */
const minPartBytes = 5 * 2 ** 20;
const maxObjectBytes = 50 * 2 ** 40;

/** A part as the request names it. */
interface NamedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/**
 * Makes one object of an upload's parts: the content that gathered them becomes the object's, so nothing is copied.
 * Asked again for an upload that has become the current object, it gives the same answer.
 */
export const completeMultipartUpload: Operation = async (services, call) => {
  const { index, blobs, now } = services;
  bucketOf(services, call);
  // A checksum in the headers is that of the object, not of this document.
  const named = readParts(await readXml(services, call, undefined));
  const requested = readRequestedChecksum(call.headers);

  const cause = causeOf(call, call.accessKeyId, 'CompleteMultipartUpload');
  const complete = () =>
    index.commit(() => {
      const bucket = bucketOf(services, call);
      const earlier = completedBefore(services, bucket, call, named);
      if (earlier) return { bucket, version: earlier, files: [], freed: undefined };
      const { upload } = uploadOf(services, call);
      checkWrite(call.headers, index.objects.find(bucket.id, call.key));
      const received = index.contents.pieces(upload.contentId);
      const pieces = choosePieces(named, received, upload);
      const checksum = checksumOf(upload, pieces);
      checkWhole(call, pieces, checksum, requested);
      demand(call, {
        action: 'write',
        bucket: bucket.name,
        key: upload.key,
        sizeBytes: totalBytes(pieces),
        contentType: upload.headers['content-type'] ?? '',
      });
      const object: NewObject = {
        key: upload.key,
        contentId: upload.contentId,
        sizeBytes: totalBytes(pieces),
        etag: etagOf(pieces),
        modifiedAt: now().getTime(),
        storageClass: upload.storageClass,
        headers: upload.headers,
        tags: upload.tags,
        uploadId: traceOf(bucket, upload.key, upload.id),
        ...(checksum && { checksum }),
        ...(upload.lock && { lock: upload.lock }),
      };
      const kept = new Set(pieces);
      const dropped = received.filter((piece) => !kept.has(piece));
      for (const { partNumber } of dropped) index.contents.removePiece(upload.contentId, partNumber);
      index.uploads.remove(bucket.id, upload.key, upload.id);
      const change = putVersion(services, bucket, object, cause);
      return { bucket, files: dropped.map(({ file }) => file), ...change };
    });
  const room = call.takeRoom && roomOf(services, call, named);
  const { bucket, version, files, freed } = await (room ? withRoom(call, room, complete) : complete());
  blobs.discard(files);
  blobs.free(freed);
  return resultOf(services, call, bucket, version);
};

/** What room the object needs; none where it is there already. */
function roomOf(services: Services, call: SignedCall, named: readonly NamedPart[]): RoomRequest | undefined {
  const bucket = bucketOf(services, call);
  if (completedBefore(services, bucket, call, named)) return undefined;
  const { upload } = uploadOf(services, call);
  const pieces = choosePieces(named, services.index.contents.pieces(upload.contentId), upload);
  return { bucket: bucket.name, key: upload.key, sizeBytes: totalBytes(pieces), headers: upload.headers };
}

/** The current object, where it came from these parts of this very upload: the answer to an earlier request was lost. */
function completedBefore(
  { index }: Services,
  bucket: Bucket,
  call: SignedCall,
  named: readonly NamedPart[],
): StoredObject | undefined {
  const object = index.objects.find(bucket.id, call.key);
  const asked = traceOf(bucket, call.key, call.query.get('uploadId') ?? '');
  return object?.uploadId === asked && object.etag === etagOf(named) ? object : undefined;
}

/**
 * What an object keeps of its upload. A copy takes it along, to where the upload never was: so it says where that was,
 * in few bytes.
 */
function traceOf(bucket: Bucket, key: string, uploadId: string): string {
  const place = createHash('sha256').update(`${bucket.id}/${key}`).digest('hex');
  return `${uploadId}.${place.slice(0, 16)}`;
}

function readParts(request: XmlNode | undefined): NamedPart[] {
  const parts = request?.name === 'CompleteMultipartUpload' ? request.all('Part') : [];
  if (parts.length === 0) throw new Refusal('MalformedXML');
  const named = parts.map((part) => {
    const partNumber = Number(part.value('PartNumber') ?? '');
    const etag = part.value('ETag')?.replaceAll('"', '');
    if (!Number.isInteger(partNumber) || etag === undefined) throw new Refusal('MalformedXML');
    refuseUnknownElements(part);
    const [checksum] = checksumAlgorithms.flatMap((algorithm) => {
      const value = part.value(checksumElementName(algorithm));
      return value === undefined ? [] : [{ algorithm, value }];
    });
    return { partNumber, etag, ...(checksum && { checksum }) };
  });
  const isAscending = named.every(({ partNumber }, at) => partNumber > (named[at - 1]?.partNumber ?? 0));
  if (!isAscending) throw new Refusal('InvalidPartOrder');
  return named;
}

function refuseUnknownElements(part: XmlNode): void {
  const known = checksumAlgorithms.map(checksumElementName);
  const unknown = part.children.find(({ name }) => name.startsWith('Checksum') && !known.includes(name));
  if (unknown) throw unknownAlgorithm(`The checksum ${unknown.name} of a part is not supported.`);
}

function choosePieces(named: readonly NamedPart[], received: readonly Piece[], upload: Upload): Piece[] {
  const byNumber = new Map(received.map((piece) => [piece.partNumber, piece]));
  return named.map(({ partNumber, etag, checksum }, position) => {
    const piece = byNumber.get(partNumber);
    const invalid = { UploadId: upload.id, PartNumber: String(partNumber), ETag: etag };
    if (!piece || piece.etag !== etag) throw new Refusal('InvalidPart', undefined, invalid);
    // An upload without an algorithm takes whichever its parts came with; the SDK sends one with each.
    const algorithm = upload.checksumAlgorithm ?? checksum?.algorithm;
    if (checksum && (checksum.algorithm !== algorithm || checksum.value !== piece.checksum)) {
      throw new Refusal('InvalidPart', undefined, invalid);
    }
    if (!checksum && upload.checksumType === 'COMPOSITE') {
      throw new Refusal(
        'InvalidRequest',
        `The upload was created using a ${upload.checksumAlgorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${partNumber} in the request.`,
      );
    }
    if (piece.sizeBytes < minPartBytes && position < named.length - 1) {
      throw new Refusal('EntityTooSmall', undefined, {
        ProposedSize: String(piece.sizeBytes),
        MinSizeAllowed: String(minPartBytes),
        PartNumber: String(partNumber),
        ETag: etag,
      });
    }
    return piece;
  });
}

/** What the whole object has to satisfy beyond its parts. */
function checkWhole(
  call: SignedCall,
  pieces: readonly Piece[],
  checksum: ObjectChecksum | undefined,
  requested: ReturnType<typeof readRequestedChecksum>,
): void {
  const sizeBytes = totalBytes(pieces);
  if (sizeBytes > maxObjectBytes) throw new Refusal('EntityTooLarge');
  const announced = call.headers.get('x-amz-mp-object-size');
  if (announced !== undefined && Number(announced) !== sizeBytes) {
    throw new Refusal(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${announced} does not match what was computed: ${sizeBytes}`,
    );
  }
  const type = call.headers.get('x-amz-checksum-type');
  if (type !== undefined && type.toUpperCase() !== checksum?.type) {
    throw new Refusal(
      'InvalidRequest',
      `The upload was created using the ${checksum?.type ?? 'null'} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  if (!requested) return;
  if (requested.algorithm !== checksum?.algorithm) {
    throw new Refusal(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${checksum?.algorithm ?? 'null'}, actual checksum Type: ${requested.algorithm}`,
    );
  }
  if (requested.value !== checksum.value) {
    throw new Refusal(
      'BadDigest',
      `The ${requested.algorithm} you specified did not match the calculated checksum.`,
    );
  }
}

/** The checksum of the chosen type; nothing where the upload has none. */
function checksumOf(upload: Upload, pieces: readonly Piece[]): ObjectChecksum | undefined {
  const algorithm = parseChecksumAlgorithm(upload.checksumAlgorithm ?? '');
  if (!algorithm) return undefined;
  const parts = pieces.map(({ checksum = '', sizeBytes }) => ({ checksum, sizeBytes }));
  if (upload.checksumType === 'FULL_OBJECT' && isCrc(algorithm)) {
    return { algorithm, type: 'FULL_OBJECT', value: combineCrcs(algorithm, parts) };
  }
  const hasher = createHasher(algorithm);
  for (const { checksum } of parts) hasher.update(Buffer.from(checksum, 'base64'));
  return { algorithm, type: 'COMPOSITE', value: `${hasher.digest().toString('base64')}-${parts.length}` };
}

/** S3's ETag of an object that came in parts: the MD5 of the parts' MD5s, and their number. */
function etagOf(parts: readonly Pick<Piece, 'etag'>[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function totalBytes(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function resultOf(services: Services, call: SignedCall, bucket: Bucket, version: StoredObject): Reply {
  const { etag, checksum } = version;
  const elements = [
    xmlElement('Location', call.origin + call.path),
    xmlElement('Bucket', call.bucket),
    xmlElement('Key', call.key),
    xmlElement('ETag', `"${etag}"`),
    ...checksumElements(checksum),
  ];
  return xmlReply('CompleteMultipartUploadResult', elements, {
    ...versionHeader(bucket, version),
    ...expirationHeader(services, bucket, version),
    ...encryptionHeader(services, version.contentId),
  });
}
