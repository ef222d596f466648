import { xmlElement } from '../../storage/xml.ts';
import type { Operation } from '../call.ts';
import type { Upload } from '../index/uploads.ts';
import { xmlReply } from '../respond.ts';
import { hiddenPrefix } from '../auth/authorize.ts';
import { bucketOf } from './buckets.ts';
import { readEncoding, readLimit } from './list-parameters.ts';
import { owner } from './owner.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: Operation = (services, call) => {
  const { query } = call;
  const bucket = bucketOf(services, call);
  const { name: encodingType, encode } = readEncoding(query);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const limit = readLimit(query, 'max-uploads');

  const hidden = hiddenPrefix(call);
  const uploads: Upload[] = [];
  const prefixes = new Set<string>();
  let last: { key: string; id: string } | undefined;
  let isTruncated = false;
  // Without an id the marker stands for all uploads of its key, and no id is greater than this.
  for (const upload of services.index.uploads.after(
    bucket.id,
    keyMarker,
    idMarker || (keyMarker && '\u{10ffff}'),
  )) {
    const { key } = upload;
    if (!key.startsWith(prefix) || (hidden !== undefined && key.startsWith(hidden))) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const rolledUp = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (rolledUp !== undefined && (prefixes.has(rolledUp) || rolledUp === keyMarker)) continue;
    if (uploads.length + prefixes.size >= limit) {
      isTruncated = limit > 0;
      break;
    }
    if (rolledUp === undefined) uploads.push(upload);
    else prefixes.add(rolledUp);
    last = rolledUp === undefined ? upload : { key: rolledUp, id: '' };
  }

  return xmlReply('ListMultipartUploadsResult', [
    xmlElement('Bucket', call.bucket),
    xmlElement('KeyMarker', encode(keyMarker)),
    xmlElement('UploadIdMarker', idMarker),
    xmlElement('NextKeyMarker', isTruncated && last ? encode(last.key) : undefined),
    xmlElement('NextUploadIdMarker', isTruncated && last ? last.id : undefined),
    xmlElement('Prefix', encode(prefix)),
    xmlElement('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
    xmlElement('MaxUploads', limit),
    xmlElement('EncodingType', encodingType),
    xmlElement('IsTruncated', isTruncated),
    ...uploads.map(({ key, id, initiatedAt, storageClass, checksumAlgorithm, checksumType }) =>
      xmlElement('Upload', [
        xmlElement('Key', encode(key)),
        xmlElement('UploadId', id),
        owner('Initiator'),
        owner('Owner'),
        xmlElement('StorageClass', storageClass),
        xmlElement('Initiated', new Date(initiatedAt).toISOString()),
        xmlElement('ChecksumAlgorithm', checksumAlgorithm?.toUpperCase()),
        xmlElement('ChecksumType', checksumType),
      ]),
    ),
    ...Array.from(prefixes, (name) => xmlElement('CommonPrefixes', [xmlElement('Prefix', encode(name))])),
  ]);
};
