import fc from 'fast-check';

/** A request to throw at a store. */
export interface FuzzedRequest {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the signature is right, so that the request comes past the door. */
  readonly isSigned: boolean;
}

const few = <T>(...values: readonly T[]) => fc.constantFrom(...values);
/** One of the words of a text. */
const words = (text: string) => few(...text.trim().split(/\s+/));

/** Text as people write it, as attackers write it, and as neither does. */
const value = fc.oneof(
  few(
    '',
    '0',
    '1',
    '-1',
    '1000',
    '10001',
    '99999999999999999999',
    'true',
    'null',
    '*',
    '""',
    'COPY',
    'REPLACE',
  ),
  few('Enabled', 'STANDARD', 'url', 'bytes=0-', 'bytes=5-1', 'bytes=-0', 'bytes=0-99999999999999999999'),
  few('Thu, 01 Jan 1970 00:00:00 GMT', '2026-13-45T99:99:99Z', 'a=1&a=1', '%zz', '%00', '../..', 'ETag'),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const key = fc.oneof(
  few(
    '',
    'k',
    'a/b',
    'known',
    '/',
    '//',
    '..',
    '.',
    '%',
    'ä',
    '\u{10ffff}',
    'x'.repeat(1024),
    'x'.repeat(1025),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const queryName = words(`
  acl attributes cors delete delimiter encoding-type encryption fetch-owner key-marker legal-hold
  lifecycle list-type continuation-token location marker max-keys max-parts max-uploads notification
  object-lock ownershipControls partNumber part-number-marker policy prefix publicAccessBlock
  response-content-type response-expires restore retention start-after tagging uploadId
  upload-id-marker uploads versionId version-id-marker versioning versions X-Amz-Signature
  X-Amz-Expires x-amz-acl __proto__`);
const headerName = words(`
  cache-control content-disposition content-encoding content-md5 content-type expires if-match
  if-modified-since if-none-match if-range if-unmodified-since origin range x-amz-acl
  x-amz-bypass-governance-retention x-amz-checksum-algorithm x-amz-checksum-crc32 x-amz-checksum-mode
  x-amz-checksum-sha256 x-amz-checksum-type x-amz-copy-source x-amz-copy-source-if-match
  x-amz-copy-source-range x-amz-decoded-content-length x-amz-expiration x-amz-meta-a
  x-amz-metadata-directive x-amz-mp-object-size x-amz-object-attributes x-amz-object-lock-mode
  x-amz-object-lock-retain-until-date x-amz-sdk-checksum-algorithm x-amz-security-token
  x-amz-server-side-encryption x-amz-storage-class x-amz-tagging x-amz-tagging-directive x-amz-trailer
  x-amz-website-redirect-location x-amz-object-ownership`);
/** What a header can carry: no control characters, and Latin-1. */
const headerValue = fc.oneof(
  value.map((text) => text.replaceAll(/[^\t\x20-\x7e\xa0-\xff]/g, '?').trim()),
  few(
    'files/known',
    '/files/known?versionId=null',
    'nope/k',
    'files/',
    'CRC32',
    'SHA256',
    'AAAAAA==',
    'GOVERNANCE',
  ),
);

const element = words(`
  Delete Object Key VersionId Quiet CompleteMultipartUpload Part PartNumber ETag Tagging TagSet Tag
  Value VersioningConfiguration Status CORSConfiguration CORSRule AllowedOrigin AllowedMethod
  LifecycleConfiguration Rule Filter Prefix Expiration Days Retention Mode RetainUntilDate LegalHold
  ObjectLockConfiguration ObjectLockEnabled ID NotificationConfiguration OwnershipControls
  ObjectOwnership PublicAccessBlockConfiguration CreateBucketConfiguration LocationConstraint
  DefaultRetention Date NoncurrentDays`);
const { xml } = fc.letrec<{ xml: string }>((tie) => ({
  xml: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    value.map((text) => text.replaceAll(/[<&]/g, '')),
    fc
      .tuple(element, fc.array(tie('xml'), { maxLength: 4 }))
      .map(([name, children]) => `<${name}>${children.join('')}</${name}>`),
  ),
}));
const body = fc
  .oneof(
    few(
      '',
      'x',
      '<',
      '<a>',
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      '<a '.repeat(1000),
      '<a>'.repeat(10_000),
    ),
    fc.tuple(element, xml).map(([name, inner]) => `<${name}>${inner}</${name}>`),
    fc.string({ unit: 'binary', maxLength: 200 }),
  )
  .map((text) => Buffer.from(text));

interface Shape {
  readonly method: string;
  readonly ofObject: boolean;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** The document that it takes. */
  readonly root?: string;
}

/** `METHOD`, `bucket` or `object`, a query parameter, the root of a document; the last two where there are such. */
const shapes = `
  GET bucket, PUT bucket, HEAD bucket, DELETE bucket, GET bucket list-type=2, GET bucket versions, GET bucket uploads,
  GET bucket location, GET bucket versioning, PUT bucket versioning VersioningConfiguration, GET bucket cors,
  PUT bucket cors CORSConfiguration, PUT bucket tagging Tagging, PUT bucket lifecycle LifecycleConfiguration,
  PUT bucket object-lock ObjectLockConfiguration, PUT bucket notification NotificationConfiguration,
  PUT bucket ownershipControls OwnershipControls, PUT bucket publicAccessBlock PublicAccessBlockConfiguration,
  PUT bucket acl AccessControlPolicy, PUT bucket encryption ServerSideEncryptionConfiguration, POST bucket delete Delete,
  GET object, PUT object, PUT object, HEAD object, DELETE object, GET object tagging, PUT object tagging Tagging,
  DELETE object tagging, GET object attributes, PUT object retention Retention, PUT object legal-hold LegalHold,
  GET object acl, POST object uploads, PUT object uploadId=u, POST object uploadId=u CompleteMultipartUpload,
  GET object uploadId=u, DELETE object uploadId=u`
  .split(',')
  .map((line): Shape => {
    const [method = '', target, ...rest] = line.trim().split(' ');
    const [parameter, root] = rest;
    const [name, value = ''] = parameter?.split('=') ?? [];
    return {
      method,
      ofObject: target === 'object',
      query: name === undefined ? [] : [[name, value]],
      headers: {},
      ...(root !== undefined && { root }),
    };
  });
const copy: Shape = {
  method: 'PUT',
  ofObject: true,
  query: [],
  headers: { 'x-amz-copy-source': 'files/known' },
};

/** A request for an operation that there is, with something else thrown in. */
const nearlyRight = fc
  .record({
    shape: few(...shapes, copy),
    bucket: few('files', 'files', 'files', 'fuzz'),
    key: fc.oneof(few('known'), key),
    query: fc.array(fc.tuple(queryName, value), { maxLength: 1 }),
    headers: fc.dictionary(headerName, headerValue, { maxKeys: 2 }),
    body,
    inner: xml,
  })
  .map(({ shape, bucket, key, query, headers, body, inner }): FuzzedRequest => {
    const { method, ofObject, root } = shape;
    return {
      method,
      bucket,
      key: ofObject ? key || 'known' : '',
      query: [...shape.query, ...query],
      headers: { ...headers, ...shape.headers },
      body: root === undefined ? body : Buffer.from(`<${root}>${inner}</${root}>`),
      isSigned: true,
    };
  });

/** A request for anything, or for nothing. */
const wild: fc.Arbitrary<FuzzedRequest> = fc.record({
  method: few('GET', 'PUT', 'POST', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'SEARCH', 'MKCOL'),
  bucket: few('files', 'fuzz', 'nope', '', 'UPPER', '..'),
  key,
  query: fc.array(fc.tuple(queryName, value), { maxLength: 4 }),
  headers: fc.dictionary(headerName, headerValue, { maxKeys: 4 }),
  body,
  isSigned: fc.boolean(),
});

export const fuzzedRequest = fc.oneof({ weight: 3, arbitrary: nearlyRight }, { weight: 1, arbitrary: wild });
