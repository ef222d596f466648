import { S3Client } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { awsEndpoint, customEndpoint, type Endpoint } from '../../lib/storage/endpoint.ts';
import type { SigningContext } from '../../lib/storage/presign.ts';
import type { Credentials } from '../../lib/storage/sigv4.ts';

/** What the differential tests feed both to us and to the AWS SDK. */

const awkwardFragments = [
  ' ',
  '  ',
  ...'\u00a0 \u200f \ufeff \u0001 \u007f \uffff \u{10ffff} e\u0301'.split(' '),
  ...`+ ~ / // . .. % %2F %20 !'()* ? # & = : @ $ , ; \\ | " <> [] {} ^ \` a Z 0 - _ é ß 日本 🪣 👩‍👩‍👧`.split(
    ' ',
  ),
];

const utf8Bytes = (text: string) => Buffer.byteLength(text);

/** Object names of 1 to 1,024 bytes. */
export const key = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.constantFrom(...awkwardFragments), { minLength: 1, maxLength: 40 })
        .map((parts) => parts.join('')),
    },
    { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('a'.repeat(1024), 'é'.repeat(512), '%'.repeat(1024), '🪣'.repeat(256), '/'),
    },
  )
  .filter((text) => utf8Bytes(text) <= 1024);

const base64 = fc.stringMatching(/^[A-Za-z0-9+/]{1,960}={0,2}$/);

export const credentials: fc.Arbitrary<Credentials> = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9+/=]{1,64}$/),
    sessionToken: base64,
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);

export const region = fc.constantFrom(
  'us-east-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'ap-southeast-2',
  'us-gov-west-1',
  'cn-north-1',
);

/** AWS's own address, and others' in both styles, with and without a port. */
export const endpointFor = (region: string): fc.Arbitrary<Endpoint> =>
  fc.oneof(
    fc.constant(awsEndpoint(region)),
    fc
      .constantFrom(
        'http://127.0.0.1:9000',
        'http://localhost:80',
        'https://s3.example.com',
        'https://s3.example.com:8443',
      )
      .map(customEndpoint),
    fc
      .constantFrom('http://storage.test:9000', 'https://storage.test')
      .map((origin) => ({ origin, style: 'virtual' as const })),
  );

export const bucket = fc.constantFrom(
  'media',
  'a-b-c',
  'x0123456789012345678901234567890123456789012345678901234567890z',
);

export interface Signer extends SigningContext {
  readonly endpoint: Endpoint;
  readonly bucket: string;
}

export const signer: fc.Arbitrary<Signer> = region.chain((region) =>
  fc.record({
    region: fc.constant(region),
    endpoint: endpointFor(region),
    bucket,
    credentials,
    time: fc.date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2039-12-31T23:59:59Z'),
      noInvalidDate: true,
    }),
    expiresInSeconds: fc.integer({ min: 1, max: 604_800 }),
  }),
);

/** The AWS SDK, told to speak to the same server with the same keys. */
export function sdkClient({
  region,
  credentials,
  endpoint,
}: Pick<Signer, 'region' | 'credentials' | 'endpoint'>): S3Client {
  const isAws = endpoint.origin.includes('.amazonaws.');
  return new S3Client({
    region,
    credentials: { ...credentials },
    // By default the SDK asks for checksums nobody named; presigned URLs must hold only what the caller asked for.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(!isAws && { endpoint: endpoint.origin, forcePathStyle: endpoint.style === 'path' }),
  });
}
