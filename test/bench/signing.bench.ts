import { GetObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { awsEndpoint } from '../../lib/storage/endpoint.ts';
import { createSigning } from '../../lib/storage/signing.ts';
import { type Bench, cpuMicroseconds } from './harness.ts';

/** What a Lambda role's credentials look like: it is the session token that makes URLs long. */
const credentials = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjEHoaCWV1LXdlc3QtMSJHMEUCIQ+/='.repeat(22).slice(0, 960),
};
const region = 'eu-west-1';
const bucket = 'media';
const storageUploadId = 'VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA';
const partSizeBytes = 64 * 2 ** 20;
const expiresInSeconds = 900;

const client = new S3Client({
  region,
  credentials,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const signing = createSigning({
  endpoint: awsEndpoint(region),
  region,
  credentials,
  now: () => new Date(),
});

let count = 0;
const nextKey = () => `holiday pictures/2026/${(count += 1)}.jpeg`;
const partNumbers = Array.from({ length: 1000 }, (_, index) => index + 1);

export const benches: readonly Bench[] = [
  {
    name: 'a GET URL',
    reference: 'getSignedUrl',
    unit: 'µs of CPU a URL',
    rounds: 15,
    bar: { timesFaster: 25 },
    sampleOurs: cpuMicroseconds(() => signing.signGet({ bucket, key: nextKey() }, expiresInSeconds), {
      calls: 20_000,
    }),
    sampleReference: cpuMicroseconds(
      () =>
        getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: nextKey() }), {
          expiresIn: expiresInSeconds,
        }),
      { calls: 800 },
    ),
  },
  {
    name: '1,000 part URLs of one upload',
    reference: 'getSignedUrl',
    unit: 'µs of CPU a URL',
    rounds: 15,
    bar: { timesFaster: 50 },
    sampleOurs: cpuMicroseconds(
      () => {
        const { sign } = signing.partSigner({ bucket, key: nextKey(), storageUploadId }, expiresInSeconds);
        return partNumbers.map((partNumber) => sign({ partNumber, sizeBytes: partSizeBytes }));
      },
      { calls: 30, unitsPerCall: partNumbers.length },
    ),
    sampleReference: cpuMicroseconds(
      () => {
        const key = nextKey();
        return Promise.all(
          partNumbers.map((PartNumber) =>
            getSignedUrl(
              client,
              new UploadPartCommand({
                Bucket: bucket,
                Key: key,
                UploadId: storageUploadId,
                PartNumber,
                ContentLength: partSizeBytes,
              }),
              { expiresIn: expiresInSeconds },
            ),
          ),
        );
      },
      { calls: 1, unitsPerCall: partNumbers.length },
    ),
  },
];
