import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { signedHeaders } from '../../lib/storage/sign-request.ts';
import { canonicalQuery } from '../../lib/storage/sigv4.ts';
import { key, sdkClient, type Signer, signer } from './arbitraries.ts';

type SdkClient = ReturnType<typeof sdkClient>;

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the SDK would have put on the wire. */
async function sdkRequest(
  signer: Signer,
  send: (client: SdkClient) => Promise<unknown>,
): Promise<SdkRequest> {
  const client = sdkClient(signer);
  let captured: SdkRequest | undefined;
  client.config.requestHandler.handle = (request: SdkRequest) => {
    captured = request;
    return Promise.reject(new Error('captured'));
  };
  await expect(send(client)).rejects.toThrow('captured');
  if (!captured) throw new Error('the SDK sent nothing');
  return captured;
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
const etag = fc.stringMatching(/^[0-9a-f]{32}$/);

const sendSome = fc.oneof(
  fc.tuple(key, text).map(
    ([key, versionId]) =>
      (client: SdkClient, Bucket: string) =>
        client.send(new GetObjectCommand({ Bucket, Key: key, VersionId: versionId, Range: 'bytes=0-9' })),
  ),
  fc.tuple(text, text).map(
    ([prefix, token]) =>
      (client: SdkClient, Bucket: string) =>
        client.send(
          new ListObjectsV2Command({ Bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: token }),
        ),
  ),
  fc.tuple(key, text).map(
    ([key, body]) =>
      (client: SdkClient, Bucket: string) =>
        client.send(
          new PutObjectCommand({ Bucket, Key: key, Body: body, ContentType: 'text/plain; charset=utf-8' }),
        ),
  ),
  fc.tuple(key, text, etag).map(
    ([key, uploadId, etag]) =>
      (client: SdkClient, Bucket: string) =>
        client.send(
          new CompleteMultipartUploadCommand({
            Bucket,
            Key: key,
            UploadId: uploadId,
            MultipartUpload: { Parts: [{ PartNumber: 1, ETag: etag }] },
          }),
        ),
  ),
  key.map(
    (key) => (client: SdkClient, Bucket: string) =>
      client.send(
        new CopyObjectCommand({
          Bucket,
          Key: key,
          CopySource: `${Bucket}/source`,
          MetadataDirective: 'REPLACE',
        }),
      ),
  ),
);

test('a request is signed as the AWS SDK signs it', async () => {
  await fc.assert(
    fc.asyncProperty(signer, sendSome, async (signer, send) => {
      const sdk = await sdkRequest(signer, (client) => send(client, signer.bucket));
      const { authorization = '', 'x-amz-date': stamp = '', ...headers } = sdk.headers;
      const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
      const ours = signedHeaders(
        {
          method: sdk.method,
          target: {
            origin: signer.endpoint.origin,
            host: headers['host'] ?? '',
            path: sdk.path,
          },
          query: canonicalQuery(Object.entries(sdk.query)),
          headers: Object.fromEntries(Object.entries(headers).filter(([name]) => signed.includes(name))),
          body: sdk.body ?? '',
        },
        {
          credentials: signer.credentials,
          region: signer.region,
          service: 's3',
          time: timeOf(stamp),
        },
      );
      expect(ours['authorization']).toBe(authorization);
    }),
    { numRuns: 300 },
  );
});

/** `20260102T030405Z` → the moment. */
function timeOf(stamp: string): Date {
  return new Date(stamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:'));
}
