import { xmlElement, type XmlMarkup } from '../../storage/xml.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import type { ListedObject } from '../index/listing.ts';
import type { Page } from '../index/page.ts';
import { xmlReply } from '../respond.ts';
import { hiddenPrefix } from '../auth/authorize.ts';
import { bucketOf } from './buckets.ts';
import { readEncoding, readLimit, readToken, writeToken } from './list-parameters.ts';
import { owner } from './owner.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: Operation = (services, call) => {
  const { query } = call;
  const { encode } = readEncoding(query);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const listing = list(services, call, token === undefined ? (startAfter ?? '') : readToken(token));
  return xmlReply('ListBucketResult', [
    ...commonElements(call, listing, query.get('fetch-owner') === 'true'),
    xmlElement('KeyCount', listing.entries.length + listing.prefixes.length),
    xmlElement('ContinuationToken', token),
    xmlElement('NextContinuationToken', listing.next === undefined ? undefined : writeToken(listing.next)),
    xmlElement('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
  ]);
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjectsV1: Operation = (services, call) => {
  const { encode } = readEncoding(call.query);
  const marker = call.query.get('marker') ?? '';
  const listing = list(services, call, marker);
  // Without a delimiter, callers go on from the last key.
  const next = call.query.get('delimiter') ? listing.next : undefined;
  return xmlReply('ListBucketResult', [
    ...commonElements(call, listing, true),
    xmlElement('Marker', encode(marker)),
    xmlElement('NextMarker', next === undefined ? undefined : encode(next)),
  ]);
};

function list(services: Services, call: SignedCall, after: string): Page<ListedObject> {
  const bucket = bucketOf(services, call);
  const limit = readLimit(call.query, 'max-keys');
  if (limit === 0) return { entries: [], prefixes: [] };
  return services.index.list({
    bucketId: bucket.id,
    prefix: call.query.get('prefix') ?? '',
    delimiter: call.query.get('delimiter') ?? '',
    after,
    limit,
    hidden: hiddenPrefix(call),
  });
}

function commonElements(
  { bucket, query }: SignedCall,
  listing: Page<ListedObject>,
  withOwner: boolean,
): XmlMarkup[] {
  const { name: encodingType, encode } = readEncoding(query);
  const delimiter = query.get('delimiter');
  return [
    xmlElement('Name', bucket),
    xmlElement('Prefix', encode(query.get('prefix') ?? '')),
    xmlElement('Delimiter', delimiter ? encode(delimiter) : undefined),
    xmlElement('MaxKeys', readLimit(query, 'max-keys')),
    xmlElement('EncodingType', encodingType),
    xmlElement('IsTruncated', listing.next !== undefined),
    ...listing.entries.map(({ key, modifiedAt, etag, sizeBytes, storageClass }) =>
      xmlElement('Contents', [
        xmlElement('Key', encode(key)),
        xmlElement('LastModified', new Date(modifiedAt).toISOString()),
        xmlElement('ETag', `"${etag}"`),
        xmlElement('Size', sizeBytes),
        xmlElement('StorageClass', storageClass),
        ...(withOwner ? [owner('Owner')] : []),
      ]),
    ),
    ...listing.prefixes.map((prefix) => xmlElement('CommonPrefixes', [xmlElement('Prefix', encode(prefix))])),
  ];
}
