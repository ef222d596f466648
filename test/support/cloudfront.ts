import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/hosts/node.ts';

/** A stand-in for CloudFront's API, on loopback, which takes invalidations. */
export interface CloudFront {
  readonly url: string;
  /** The paths of each invalidation. */
  readonly invalidations: readonly (readonly string[])[];
  /** As it does while too many are under way. */
  readonly refuse: (isBusy: boolean) => void;
  readonly close: () => Promise<void>;
}

export async function startCloudFront(): Promise<CloudFront> {
  const invalidations: string[][] = [];
  let isBusy = false;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const isSigned = /\/us-east-1\/cloudfront\/aws4_request, /.test(request.headers.authorization ?? '');
      const paths = [...body.matchAll(/<Path>(.*?)<\/Path>/g)].map(([, path = '']) => path);
      const isWhole =
        body.includes(`<Quantity>${paths.length}</Quantity>`) && /<CallerReference>.+</.test(body);
      if (!isSigned || !isWhole) return response.writeHead(400).end('<Code>MalformedXML</Code>');
      if (isBusy) {
        return response
          .writeHead(400)
          .end('<ErrorResponse><Error><Code>TooManyInvalidationsInProgress</Code></Error></ErrorResponse>');
      }
      invalidations.push(paths);
      return response.writeHead(201).end('<Invalidation/>');
    });
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    invalidations,
    refuse: (busy) => {
      isBusy = busy;
    },
    close: () => drain(server, 1),
  };
}

/** A batch of messages in which S3 tells of changes, as Lambda hands it over. */
export function changesBatch(
  ...changes: readonly (readonly [detailType: string, bucket: string, key: string])[]
): object {
  return {
    Records: changes.map(([detailType, bucket, key], index) => ({
      messageId: `m${index}`,
      body: JSON.stringify({
        'detail-type': detailType,
        source: 'aws.s3',
        time: '2026-01-02T03:04:05Z',
        detail: { version: '0', bucket: { name: bucket }, object: { key, sequencer: `00${index}` } },
      }),
    })),
  };
}
