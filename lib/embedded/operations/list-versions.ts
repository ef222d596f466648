import { xmlElement } from '../../storage/xml.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import type { ListedVersion } from '../index/listing.ts';
import type { Page } from '../index/page.ts';
import { invalidArgument } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { sequenceOfMarker, versionMarker } from '../versions.ts';
import { hiddenPrefix } from '../auth/authorize.ts';
import { bucketOf } from './buckets.ts';
import { readEncoding, readLimit } from './list-parameters.ts';
import { owner } from './owner.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions: Operation = (services, call) => {
  const { query } = call;
  const { name: encodingType, encode } = readEncoding(query);
  const delimiter = query.get('delimiter');
  const page = list(services, call);
  const last = page.entries.at(-1);
  return xmlReply('ListVersionsResult', [
    xmlElement('Name', call.bucket),
    xmlElement('Prefix', encode(query.get('prefix') ?? '')),
    xmlElement('KeyMarker', encode(query.get('key-marker') ?? '')),
    xmlElement('VersionIdMarker', query.get('version-id-marker') ?? ''),
    xmlElement('NextKeyMarker', page.next === undefined ? undefined : encode(page.next)),
    // Behind a rolled-up prefix there is no version to name.
    xmlElement('NextVersionIdMarker', last && last.key === page.next ? versionMarker(last) : undefined),
    xmlElement('Delimiter', delimiter ? encode(delimiter) : undefined),
    xmlElement('MaxKeys', readLimit(query, 'max-keys')),
    xmlElement('EncodingType', encodingType),
    xmlElement('IsTruncated', page.next !== undefined),
    ...page.entries.map((version) => versionElement(version, encode)),
    ...page.prefixes.map((prefix) => xmlElement('CommonPrefixes', [xmlElement('Prefix', encode(prefix))])),
  ]);
};

function list(services: Services, call: SignedCall): Page<ListedVersion> {
  const { query } = call;
  const bucket = bucketOf(services, call);
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker');
  if (versionMarker && keyMarker === '') {
    throw invalidArgument(
      'version-id-marker',
      versionMarker,
      'A version-id marker cannot be specified without a key marker.',
    );
  }
  const afterSequence = versionMarker
    ? sequenceOfMarker(services, bucket, keyMarker, versionMarker)
    : undefined;
  const limit = readLimit(query, 'max-keys');
  if (limit === 0) return { entries: [], prefixes: [] };
  return services.index.listVersions({
    bucketId: bucket.id,
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: keyMarker,
    limit,
    hidden: hiddenPrefix(call),
    ...(afterSequence !== undefined && { afterSequence }),
  });
}

function versionElement(version: ListedVersion, encode: (text: string) => string) {
  const { key, versionId, isLatest, isDeleteMarker, modifiedAt, etag, sizeBytes, storageClass } = version;
  return xmlElement(isDeleteMarker ? 'DeleteMarker' : 'Version', [
    xmlElement('Key', encode(key)),
    xmlElement('VersionId', versionId),
    xmlElement('IsLatest', isLatest),
    xmlElement('LastModified', new Date(modifiedAt).toISOString()),
    ...(isDeleteMarker
      ? []
      : [
          xmlElement('ETag', `"${etag}"`),
          xmlElement('Size', sizeBytes),
          xmlElement('StorageClass', storageClass),
        ]),
    owner('Owner'),
  ]);
}
