import { createServer } from 'node:http';
import { drain, listen } from '../../lib/hosts/node.ts';

/** A stand-in for AWS Secrets Manager, on loopback. */
export interface SecretsManager {
  readonly url: string;
  /** How often each secret was asked for. */
  readonly asked: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

/** What {@link startSecretsManager} answers with, in turn: a text, or the HTTP status of a service that is busy. */
export type SecretAnswers = readonly (string | number)[];

/** @param secrets - answers by ARN; the last one stays */
export async function startSecretsManager(
  secrets: Readonly<Record<string, SecretAnswers>>,
): Promise<SecretsManager> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (text: string) => (body += text))
      .on('end', () => {
        const { SecretId: arn }: { SecretId: string } = JSON.parse(body);
        const count = asked.get(arn) ?? 0;
        asked.set(arn, count + 1);
        const answer = secrets[arn]?.[count] ?? secrets[arn]?.at(-1);
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        if (!isSigned(request.headers.authorization)) refuse('UnrecognizedClientException');
        else if (request.headers['x-amz-target'] === 'secretsmanager.DescribeSecret')
          response.end(JSON.stringify({ ARN: arn, CreatedDate: Date.now() / 1000 - 86_400 }));
        else if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
          refuse('UnknownOperationException');
        else if (answer === undefined) refuse('ResourceNotFoundException');
        else if (typeof answer === 'number') response.writeHead(answer).end();
        else response.end(JSON.stringify({ ARN: arn, SecretString: answer }));
      });

    function refuse(type: string): void {
      response.writeHead(400).end(JSON.stringify({ __type: type, message: `refused as ${type}` }));
    }
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, asked, close: () => drain(server, 1) };
}

function isSigned(authorization = ''): boolean {
  return /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/[\w-]+\/secretsmanager\/aws4_request, /.test(
    authorization,
  );
}
