import { expect, test } from 'vitest';
import type { Target } from '../../lib/storage/presign.ts';
import { signedHeaders } from '../../lib/storage/sign-request.ts';
import {
  canonicalHeaders,
  canonicalQuery,
  canonicalRequest,
  type Credentials,
  scopeText,
  sha256Hex,
  signatureOf,
  signingKey,
  stringToSign,
  unsignedPayload,
} from '../../lib/storage/sigv4.ts';

/**
 * The examples that AWS publishes with their signatures: S3's own, and those of the general test suite that hold for
 * S3, whose paths are encoded once and never normalized.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
 */

const s3Credentials: Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const exampleBucket = (path: string): Target => ({
  origin: 'https://examplebucket.s3.amazonaws.com',
  host: 'examplebucket.s3.amazonaws.com',
  path,
});

const headerExamples = [
  {
    name: 'GET Object with a range',
    method: 'GET',
    path: '/test.txt',
    query: [],
    headers: { Range: 'bytes=0-9' },
    body: '',
    signedNames: 'host;range;x-amz-content-sha256;x-amz-date',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT Object',
    method: 'PUT',
    path: '/test%24file.text',
    query: [],
    headers: { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    body: 'Welcome to Amazon S3.',
    signedNames: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET Bucket lifecycle',
    method: 'GET',
    path: '/',
    query: [['lifecycle', '']],
    headers: {},
    body: '',
    signedNames: 'host;x-amz-content-sha256;x-amz-date',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'List Objects',
    method: 'GET',
    path: '/',
    query: [
      ['prefix', 'J'],
      ['max-keys', '2'],
    ],
    headers: {},
    body: '',
    signedNames: 'host;x-amz-content-sha256;x-amz-date',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
] as const;

test.each(headerExamples)(
  'S3, signature in the header: $name',
  ({ method, path, query, headers, body, signedNames, signature }) => {
    const { authorization } = signedHeaders(
      { method, target: exampleBucket(path), query: canonicalQuery(query), headers: { ...headers }, body },
      {
        credentials: s3Credentials,
        region: 'us-east-1',
        service: 's3',
        time: new Date('2013-05-24T00:00:00Z'),
      },
    );
    expect(authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        `SignedHeaders=${signedNames}, Signature=${signature}`,
    );
  },
);

/** The signature of a request that signs no header but those given. */
function signature(
  request: {
    readonly method: string;
    readonly path?: string;
    readonly query?: readonly (readonly [string, string])[];
    readonly headers: Readonly<Record<string, string>>;
    readonly payloadHash: string;
  },
  { credentials, stamp, service }: { credentials: Credentials; stamp: string; service: string },
): string {
  const scope = { date: stamp.slice(0, 8), region: 'us-east-1', service };
  const canonical = canonicalRequest({
    method: request.method,
    path: request.path ?? '/',
    query: canonicalQuery(request.query ?? []),
    headers: canonicalHeaders(request.headers),
    payloadHash: request.payloadHash,
  });
  return signatureOf(
    signingKey(credentials, scope),
    stringToSign(stamp, scopeText(scope), sha256Hex(canonical)),
  );
}

test('S3, signature in the query', () => {
  const query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'],
    ['X-Amz-Date', '20130524T000000Z'],
    ['X-Amz-Expires', '86400'],
    ['X-Amz-SignedHeaders', 'host'],
  ] as const;
  expect(
    signature(
      {
        method: 'GET',
        path: '/test.txt',
        query,
        headers: { host: 'examplebucket.s3.amazonaws.com' },
        payloadHash: unsignedPayload,
      },
      { credentials: s3Credentials, stamp: '20130524T000000Z', service: 's3' },
    ),
  ).toBe('aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
});

test('S3, POST policy', () => {
  const policy = [
    '{ "expiration": "2015-12-30T12:00:00.000Z",',
    '  "conditions": [',
    '    {"bucket": "sigv4examplebucket"},',
    '    ["starts-with", "$key", "user/user1/"],',
    '    {"acl": "public-read"},',
    '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
    '    ["starts-with", "$Content-Type", "image/"],',
    '    {"x-amz-meta-uuid": "14365123651274"},',
    '    {"x-amz-server-side-encryption": "AES256"},',
    '    ["starts-with", "$x-amz-meta-tag", ""],',
    '',
    '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
    '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
    '    {"x-amz-date": "20151229T000000Z" }',
    '  ]',
    '}',
  ].join('\r\n');
  const key = signingKey(s3Credentials, { date: '20151229', region: 'us-east-1', service: 's3' });
  expect(signatureOf(key, Buffer.from(policy).toString('base64'))).toBe(
    '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
  );
});

const suiteCredentials: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const suiteHeaders = { Host: 'example.amazonaws.com', 'X-Amz-Date': '20150830T123600Z' };
const suite = (request: Omit<Parameters<typeof signature>[0], 'payloadHash'>, body = '') =>
  signature(
    { ...request, payloadHash: sha256Hex(body) },
    { credentials: suiteCredentials, stamp: '20150830T123600Z', service: 'service' },
  );

test('general suite: the derived key', () => {
  const key = signingKey(suiteCredentials, { date: '20150830', region: 'us-east-1', service: 'iam' });
  expect(key.export().toString('hex')).toBe(
    'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
  );
});

test.each([
  [
    'get-vanilla',
    { method: 'GET', headers: suiteHeaders },
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-vanilla',
    { method: 'POST', headers: suiteHeaders },
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'get-vanilla-query-order-key-case',
    {
      method: 'GET',
      headers: suiteHeaders,
      query: [
        ['Param2', 'value2'],
        ['Param1', 'value1'],
      ],
    },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-order-value',
    {
      method: 'GET',
      headers: suiteHeaders,
      query: [
        ['Param1', 'value2'],
        ['Param1', 'value1'],
      ],
    },
    '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  ],
  [
    'get-header-value-trim',
    { method: 'GET', headers: { ...suiteHeaders, 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' } },
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'get-utf8',
    { method: 'GET', path: '/%E1%88%B4', headers: suiteHeaders },
    '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  ],
] as const)('general suite: %s', (_name, request, expected) => {
  expect(suite(request)).toBe(expected);
});
