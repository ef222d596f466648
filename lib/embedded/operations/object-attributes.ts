import { xmlElement, type XmlMarkup } from '../../storage/xml.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import type { StoredObject } from '../index/objects.ts';
import { invalidArgument } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { objectToRead, readVersionId, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { checksumElementName, checksumElements } from './checksum-elements.ts';
import { readLimit } from './list-parameters.ts';

const attributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes: Operation = (services, call) => {
  const bucket = bucketOf(services, call);
  const object = objectToRead(services, bucket, call.key, readVersionId(call));
  const wanted = readWanted(call);
  return xmlReply(
    'GetObjectAttributesResponse',
    [
      wanted.has('ETag') ? xmlElement('ETag', object.etag) : [],
      wanted.has('Checksum') ? checksumElement(object) : [],
      wanted.has('ObjectParts') ? partsElement(services, call, object) : [],
      wanted.has('StorageClass') ? xmlElement('StorageClass', object.storageClass) : [],
      wanted.has('ObjectSize') ? xmlElement('ObjectSize', object.sizeBytes) : [],
    ],
    { 'last-modified': new Date(object.modifiedAt).toUTCString(), ...versionHeader(bucket, object) },
  );
};

function readWanted({ headers }: SignedCall): ReadonlySet<string> {
  const name = 'x-amz-object-attributes';
  const text = headers.get(name) ?? '';
  const wanted = text.split(',').map((attribute) => attribute.trim());
  if (wanted.every((attribute) => attributes.includes(attribute))) return new Set(wanted);
  throw invalidArgument(name, text, 'Invalid attribute name specified.');
}

function checksumElement({ checksum }: StoredObject): XmlMarkup | [] {
  if (!checksum) return [];
  // Without the number of parts, which stands elsewhere in this document.
  const value = checksum.value.replace(/-\d+$/, '');
  return xmlElement('Checksum', checksumElements({ ...checksum, value }));
}

/**
 * S3 describes the parts one by one only where they have checksums. They are counted as `?partNumber` counts them,
 * whatever gaps there were between their numbers when they came.
 */
function partsElement({ index }: Services, { headers }: SignedCall, object: StoredObject): XmlMarkup | [] {
  if (object.uploadId === undefined) return [];
  const pieces = index.contents.pieces(object.contentId);
  const count = pieces.length;
  const { checksum } = object;
  if (!checksum) return xmlElement('ObjectParts', [xmlElement('PartsCount', count)]);
  const marker = Math.max(Number.parseInt(headers.get('x-amz-part-number-marker') ?? '', 10) || 0, 0);
  const limit = readLimit(headers, 'x-amz-max-parts');
  const page = pieces.slice(marker, marker + limit);
  const isTruncated = limit > 0 && count > marker + limit;
  return xmlElement('ObjectParts', [
    xmlElement('PartsCount', count),
    xmlElement('PartNumberMarker', marker),
    xmlElement('NextPartNumberMarker', isTruncated ? marker + limit : undefined),
    xmlElement('MaxParts', limit),
    xmlElement('IsTruncated', isTruncated),
    ...page.map((piece, at) =>
      xmlElement('Part', [
        xmlElement('PartNumber', marker + at + 1),
        xmlElement('Size', piece.sizeBytes),
        xmlElement(checksumElementName(checksum.algorithm), piece.checksum),
      ]),
    ),
  ]);
}
