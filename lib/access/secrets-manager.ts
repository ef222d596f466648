import * as v from 'valibot';
import { type HttpResponse, openConnections } from '../storage/exchange.ts';
import { signedHeaders } from '../storage/sign-request.ts';
import type { Credentials } from '../storage/sigv4.ts';

/**
 * AWS Secrets Manager, as far as a start needs it: one call, signed by our own signer, since the SDK would cost a cold
 * start more than the answer takes.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */

export interface SecretsManagerOptions {
  readonly region: string;
  readonly credentials: Credentials;
  /** Default: AWS's regional endpoint. */
  readonly url?: string | undefined;
}

/** A secret that cannot be read, and why: in Secrets Manager's own words, if it has answered. */
export class SecretError extends Error {
  override readonly name = 'SecretError';

  constructor(secretArn: string, reason: string) {
    super(`The secret ${secretArn} cannot be read: ${reason}`);
  }
}

const attempts = 3;
const timeoutSeconds = 2;

const json = v.pipe(v.string(), v.parseJson());
const secretValue = v.pipe(json, v.object({ SecretString: v.string() }));
const failure = v.pipe(json, v.object({ __type: v.string(), message: v.optional(v.string(), '') }));

export interface SecretsManager {
  /**
   * The current value of a secret that holds a text. An attempt may take {@link timeoutSeconds}; a service that does
   * not answer, or is busy, is asked up to {@link attempts} times.
   *
   * @throws {@link SecretError}
   */
  read: (secretArn: string) => Promise<string>;
  close: () => void;
}

export function openSecretsManager({ region, credentials, url }: SecretsManagerOptions): SecretsManager {
  const { origin, host, protocol } = new URL(url ?? defaultUrl(region));
  const { exchange, close } = openConnections({ secure: protocol === 'https:' });
  const request = { method: 'POST', origin, path: '/' };

  function ask(secretArn: string): Promise<HttpResponse> {
    const body = JSON.stringify({ SecretId: secretArn });
    const headers = signedHeaders(
      {
        method: request.method,
        target: { origin, host, path: request.path },
        query: '',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'secretsmanager.GetSecretValue',
        },
        body,
      },
      { credentials, region, service: 'secretsmanager', time: new Date() },
    );
    return exchange({ ...request, headers, body }, timeoutSeconds);
  }

  async function read(secretArn: string): Promise<string> {
    for (let count = 1; ; count += 1) {
      const answer = await ask(secretArn).catch((error: Error) => error);
      const secret = answer instanceof Error ? undefined : v.safeParse(secretValue, answer.body);
      if (secret?.success) return secret.output.SecretString;
      const isBusy = answer instanceof Error || answer.status >= 500 || answer.body.includes('Throttling');
      if (!isBusy || count === attempts) throw new SecretError(secretArn, reasonOf(answer));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** count));
    }
  }

  return { read, close };
}

function defaultUrl(region: string): string {
  return `https://secretsmanager.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function reasonOf(answer: HttpResponse | Error): string {
  if (answer instanceof Error) return answer.message;
  if (answer.status === 200) return 'it holds no text';
  const { success, output } = v.safeParse(failure, answer.body);
  return success ? `${output.__type.replace(/^.*#/, '')}: ${output.message}` : `status ${answer.status}`;
}
