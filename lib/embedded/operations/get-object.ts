import { checkHeaderValue } from '../attributes.ts';
import { checkReadable } from '../archive.ts';
import { openContentReader } from '../blobs/content-reader.ts';
import type { Operation, Services, SignedCall } from '../call.ts';
import { checkRead, rangeHolds } from '../conditions.ts';
import { expirationHeader } from '../lifecycle/announce.ts';
import type { Piece } from '../index/contents.ts';
import type { ObjectChecksum, StoredObject } from '../index/objects.ts';
import { type ByteRange, readRange } from '../ranges.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { encryptionHeader } from '../server-side-encryption.ts';
import { objectToRead, readVersionId, versionHeader } from '../versions.ts';
import { bucketOf } from './buckets.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';

/** What a GET sends, and a HEAD only announces. */
interface Selection {
  readonly object: StoredObject;
  readonly status: 200 | 206 | 304;
  readonly range: ByteRange;
  readonly headers: Readonly<Record<string, string>>;
}

export const headObject: Operation = (services, call) => {
  const { status, headers } = select(services, call);
  return { status, headers };
};

export const getObject: Operation = async (services, call) => {
  const { index, blobs } = services;
  const { object, status, range, headers } = select(services, call);
  checkReadable(object);
  if (status === 304 || range.last < range.first) return { status, headers };
  const inline = index.contents.inline(object.contentId);
  if (inline) {
    const bytes = inline.subarray(range.first, range.last + 1);
    return { status, headers, body: async (response) => void response.write(bytes) };
  }
  // Held before anything is awaited: from here on a replaced object is still read to its end.
  const release = blobs.hold(object.contentId);
  const body = await openContentReader(services, index.contents.pieces(object.contentId), range, release);
  return { status, headers, body };
};

function select(services: Services, call: SignedCall): Selection {
  const bucket = bucketOf(services, call);
  const versionId = readVersionId(call);
  const object = objectToRead(services, bucket, call.key, versionId);
  const { sizeBytes } = object;
  const whole = { first: 0, last: sizeBytes - 1 };
  const described = {
    ...objectHeaders(object),
    ...versionHeader(bucket, object),
    ...(versionId === undefined && expirationHeader(services, bucket, object)),
    ...encryptionHeader(services, object.contentId),
  };
  if (!checkRead(call.headers, object)) {
    return { object, status: 304, range: whole, headers: described };
  }
  const part = partSelection(services, call, object);
  const asked = rangeHolds(call.headers.get('if-range'), object) ? call.headers.get('range') : undefined;
  const range = part?.range ?? readRange(asked, sizeBytes);
  const wantsChecksum = call.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  const summed = part ?? (range ? undefined : object);
  return {
    object,
    status: range ? 206 : 200,
    range: range ?? whole,
    headers: {
      ...described,
      ...responseOverrides(call.query),
      ...(wantsChecksum && checksumHeaders(summed?.checksum)),
      ...part?.headers,
      ...(range && { 'content-range': `bytes ${range.first}-${range.last}/${sizeBytes}` }),
      'content-length': String(range ? range.last - range.first + 1 : sizeBytes),
    },
  };
}

/** `?partNumber=N` selects the bytes that came as the N-th part, under whatever number. */
function partSelection(
  { index }: Services,
  call: SignedCall,
  object: StoredObject,
): { range?: ByteRange; checksum?: ObjectChecksum; headers: Record<string, string> } | undefined {
  const text = call.query.get('partNumber');
  if (text === undefined) return undefined;
  if (call.headers.has('range')) {
    throw new Refusal('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
  }
  const partNumber = readPartNumber(text);
  const pieces = object.uploadId === undefined ? [] : index.contents.pieces(object.contentId);
  const position = partNumber - 1;
  if (position >= Math.max(pieces.length, 1)) {
    throw new Refusal('InvalidRange', 'The requested partnumber is not satisfiable');
  }
  const part = pieces[position];
  if (!part) return { ...(object.checksum && { checksum: object.checksum }), headers: {} };
  const checksum = checksumOfPart(object, part);
  const first = pieces.slice(0, position).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { sizeBytes } = part;
  return {
    ...(sizeBytes > 0 && { range: { first, last: first + sizeBytes - 1 } }),
    ...(checksum && { checksum }),
    headers: { 'x-amz-mp-parts-count': String(pieces.length) },
  };
}

/** Of the object's algorithm, so that the bytes of the answer can be held to it. */
function checksumOfPart({ checksum }: StoredObject, part: Piece): ObjectChecksum | undefined {
  return checksum && part.checksum !== undefined ? { ...checksum, value: part.checksum } : undefined;
}

/** @throws {@link Refusal} unless it is an integer from 1 to 10,000 */
export function readPartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 10_000) return number;
  throw invalidArgument('partNumber', text, 'Part number must be an integer between 1 and 10000, inclusive');
}

/** `response-content-type=…` and its like let the signer of a URL choose headers of the answer. */
function responseOverrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const names = [
    'cache-control',
    'content-disposition',
    'content-encoding',
    'content-language',
    'content-type',
    'expires',
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = query.get(`response-${name}`);
      if (value === undefined) return [];
      checkHeaderValue(name, value);
      return [[name, value]];
    }),
  );
}
