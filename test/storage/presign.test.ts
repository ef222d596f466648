import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { awsEndpoint, targetOf } from '../../lib/storage/endpoint.ts';
import { partPresigner, presign, type PresignRequest } from '../../lib/storage/presign.ts';
import { key, sdkClient, type Signer, signer } from './arbitraries.ts';

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Parameters<
  typeof getSignedUrl<ServiceInputTypes, Input, Output>
>[1];

/** The oracle of every test here: the AWS SDK's URL for the same request must be ours, byte for byte. */
function sdkUrl<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  signer: Signer,
  command: Command<Input, Output>,
  { signed = [], unhoisted = [] }: { signed?: readonly string[]; unhoisted?: readonly string[] } = {},
): Promise<string> {
  return getSignedUrl(sdkClient(signer), command, {
    expiresIn: signer.expiresInSeconds,
    signingDate: signer.time,
    signableHeaders: new Set(signed),
    unhoistableHeaders: new Set(unhoisted),
  });
}

function ourUrl(signer: Signer, key: string, request: Omit<PresignRequest, 'target'>): string {
  return presign({ ...request, target: targetOf(signer.endpoint, signer.bucket, key) }, signer);
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 });
const someVersion = fc.option(text, { nil: undefined });
const definedEntries = (values: Readonly<Record<string, string | undefined>>) =>
  Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);

test('GetObject, with a version and overridden answer headers', async () => {
  const overrides = fc.record(
    { ResponseContentDisposition: text, ResponseContentType: text, ResponseCacheControl: text },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(signer, key, someVersion, overrides, async (signer, key, versionId, overrides) => {
      const expected = await sdkUrl(
        signer,
        new GetObjectCommand({ Bucket: signer.bucket, Key: key, VersionId: versionId, ...overrides }),
      );
      const query = definedEntries({
        versionId,
        'x-id': 'GetObject',
        'response-content-type': overrides.ResponseContentType,
        'response-content-disposition': overrides.ResponseContentDisposition,
        'response-cache-control': overrides.ResponseCacheControl,
      });
      expect(ourUrl(signer, key, { method: 'GET', query })).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('HeadObject and DeleteObject', async () => {
  await fc.assert(
    fc.asyncProperty(signer, key, someVersion, async (signer, key, versionId) => {
      const input = { Bucket: signer.bucket, Key: key, VersionId: versionId };
      const version = definedEntries({ versionId });
      expect(ourUrl(signer, key, { method: 'HEAD', query: version })).toBe(
        await sdkUrl(signer, new HeadObjectCommand(input)),
      );
      expect(ourUrl(signer, key, { method: 'DELETE', query: [['x-id', 'DeleteObject'], ...version] })).toBe(
        await sdkUrl(signer, new DeleteObjectCommand(input)),
      );
    }),
    { numRuns: 150 },
  );
});

/** Runs of white space, and what only looks like it, must be folded as the SDK folds them. */
const headerText = fc.string({
  unit: fc.constantFrom(
    'a',
    'Z9',
    ' ',
    '  ',
    '\t',
    ',',
    ';',
    ':',
    '=',
    '%',
    '"',
    '\u00a0',
    '\u3000',
    'é',
    '日',
    '🪣',
  ),
  maxLength: 40,
});
const checksum = fc.constantFrom(
  { algorithm: 'CRC32', value: 'NhCmhg==' },
  { algorithm: 'CRC32C', value: 'yZRlqg==' },
  { algorithm: 'CRC64NVME', value: 'AuUcyF784aU=' },
  { algorithm: 'SHA1', value: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=' },
  { algorithm: 'SHA256', value: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' },
) satisfies fc.Arbitrary<{ algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'; value: string }>;
const checksumInput = ({ algorithm, value }: { algorithm: string; value: string }) => ({
  [`Checksum${algorithm}`]: value,
});
const checksumHeaders = ({ algorithm, value }: { algorithm: string; value: string }) => ({
  [`x-amz-checksum-${algorithm.toLowerCase()}`]: value,
  'x-amz-sdk-checksum-algorithm': algorithm,
});
const length = fc.integer({ min: 0, max: 5 * 2 ** 30 });

test('PutObject, bound to length, type, checksum, metadata, tags and absence', async () => {
  const metadata = fc.dictionary(fc.stringMatching(/^[a-z0-9_.-]{1,12}$/), headerText, { maxKeys: 4 });
  const bindings = fc.record(
    {
      contentType: headerText.filter((type) => type !== ''),
      checksum,
      tagging: fc.constantFrom('a=1', 'a=1&b=%20%2B'),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      signer,
      key,
      length,
      metadata,
      bindings,
      fc.boolean(),
      async (signer, key, sizeBytes, metadata, { contentType, checksum, tagging }, onlyNew) => {
        const metadataHeaders = Object.fromEntries(
          Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
        );
        const headers = {
          'content-length': String(sizeBytes),
          ...(contentType !== undefined && { 'content-type': contentType }),
          ...(checksum && checksumHeaders(checksum)),
          ...metadataHeaders,
          ...(tagging !== undefined && { 'x-amz-tagging': tagging }),
          ...(onlyNew && { 'if-none-match': '*' }),
        };
        const expected = await sdkUrl(
          signer,
          new PutObjectCommand({
            Bucket: signer.bucket,
            Key: key,
            ContentLength: sizeBytes,
            ContentType: contentType,
            Metadata: metadata,
            Tagging: tagging,
            ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ...checksumInput(checksum) }),
            ...(onlyNew && { IfNoneMatch: '*' }),
          }),
          {
            signed: Object.keys(headers),
            unhoisted: Object.keys(headers).filter((name) => name.startsWith('x-amz-')),
          },
        );
        expect(ourUrl(signer, key, { method: 'PUT', query: [['x-id', 'PutObject']], headers })).toBe(
          expected,
        );
      },
    ),
    { numRuns: 500 },
  );
});

const uploadId = fc.stringMatching(/^[A-Za-z0-9._~+/= -]{1,200}$/);
const partNumber = fc.integer({ min: 1, max: 10_000 });

test('UploadPart with a checksum', async () => {
  await fc.assert(
    fc.asyncProperty(
      signer,
      key,
      uploadId,
      partNumber,
      length,
      checksum,
      async (signer, key, uploadId, partNumber, sizeBytes, checksum) => {
        const headers = { 'content-length': String(sizeBytes), ...checksumHeaders(checksum) };
        const expected = await sdkUrl(
          signer,
          new UploadPartCommand({
            Bucket: signer.bucket,
            Key: key,
            UploadId: uploadId,
            PartNumber: partNumber,
            ContentLength: sizeBytes,
            ChecksumAlgorithm: checksum.algorithm,
            ...checksumInput(checksum),
          }),
          { unhoisted: Object.keys(headers) },
        );
        const query = [
          ['x-id', 'UploadPart'],
          ['uploadId', uploadId],
          ['partNumber', String(partNumber)],
        ] as const;
        expect(ourUrl(signer, key, { method: 'PUT', query, headers })).toBe(expected);
      },
    ),
    { numRuns: 150 },
  );
});

test('batches of parts', async () => {
  const parts = fc.array(fc.record({ partNumber, sizeBytes: length }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(signer, key, uploadId, parts, async (signer, key, uploadId, parts) => {
      const expected = await Promise.all(
        parts.map(({ partNumber, sizeBytes }) =>
          sdkUrl(
            signer,
            new UploadPartCommand({
              Bucket: signer.bucket,
              Key: key,
              UploadId: uploadId,
              PartNumber: partNumber,
              ContentLength: sizeBytes,
            }),
          ),
        ),
      );
      const target = targetOf(signer.endpoint, signer.bucket, key);
      expect(parts.map(partPresigner(target, uploadId, signer))).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('signers that take turns do not sign for one another', async () => {
  const uses = fc.array(
    fc.record({
      region: fc.constantFrom('eu-west-1', 'us-east-1'),
      isRotated: fc.boolean(),
      time: fc.nat({ max: 2500 }).map((offset) => new Date(Date.parse('2026-01-31T23:59:59Z') + offset)),
      expiresInSeconds: fc.integer({ min: 1, max: 604_800 }),
    }),
    { minLength: 2, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(signer, uses, async (signer, uses) => {
      const rotated = { ...signer.credentials, secretAccessKey: 'another' };
      for (const { isRotated, ...use } of uses) {
        const credentials = isRotated ? rotated : signer.credentials;
        const current = { ...signer, ...use, credentials, endpoint: awsEndpoint(use.region) };
        expect(ourUrl(current, 'a', { method: 'GET', query: [['x-id', 'GetObject']] })).toBe(
          await sdkUrl(current, new GetObjectCommand({ Bucket: signer.bucket, Key: 'a' })),
        );
      }
    }),
    { numRuns: 50 },
  );
});
