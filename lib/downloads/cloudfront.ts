import { openConnections } from '../storage/exchange.ts';
import { signedHeaders } from '../storage/sign-request.ts';
import type { Credentials } from '../storage/sigv4.ts';
import { xmlDocument, xmlElement } from '../storage/xml.ts';

export interface CloudFrontOptions {
  readonly distributionId: string;
  readonly credentials: Credentials;
  /** Default: AWS's own, which is one for all regions. */
  readonly url?: string | undefined;
}

const timeoutSeconds = 10;

/**
 * Asks CloudFront to drop paths from its caches.
 *
 * @returns takes paths, and a text that is another for each request
 * @throws Error when CloudFront refuses, as it does while too many are under way
 * @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html
 */
export function openInvalidations({
  distributionId,
  credentials,
  url = 'https://cloudfront.amazonaws.com',
}: CloudFrontOptions): (paths: readonly string[], reference: string) => Promise<void> {
  const { origin, host, protocol } = new URL(url);
  const { exchange } = openConnections({ secure: protocol === 'https:' });
  const path = `/2020-05-31/distribution/${distributionId}/invalidation`;

  return async (paths, reference) => {
    const body = xmlDocument(
      xmlElement(
        'InvalidationBatch',
        [
          xmlElement('Paths', [
            xmlElement('Quantity', paths.length),
            xmlElement(
              'Items',
              paths.map((one) => xmlElement('Path', one)),
            ),
          ]),
          xmlElement('CallerReference', reference),
        ],
        ' xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"',
      ),
    );
    const headers = signedHeaders(
      {
        method: 'POST',
        target: { origin, host, path },
        query: '',
        headers: { 'content-type': 'application/xml' },
        body,
      },
      { credentials, region: 'us-east-1', service: 'cloudfront', time: new Date() },
    );
    const answer = await exchange({ method: 'POST', origin, path, headers, body }, timeoutSeconds);
    if (answer.status === 201) return;
    const code = /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? '';
    throw new Error(`CloudFront answers ${answer.status} ${code} to ${paths.length} invalidations`);
  };
}
