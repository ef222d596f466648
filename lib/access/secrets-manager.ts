import * as v from 'valibot';
import { type HttpResponse, openConnections } from '../storage/exchange.ts';
import { signedHeaders } from '../storage/sign-request.ts';
import type { Credentials } from '../storage/sigv4.ts';

/**
 * AWS Secrets Manager, by our own signer: the SDK would cost a cold start more than the answer takes.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
 */

export interface SecretsManagerOptions {
  readonly region: string;
  readonly credentials: Credentials;
  /** Default: AWS's regional endpoint. */
  readonly url?: string | undefined;
}

/** Something that Secrets Manager does not do, and why: in its own words, if it has answered. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  /** Secrets Manager's name of the error, such as `ResourceNotFoundException`. */
  readonly code: string | undefined;

  constructor(secretArn: string, operation: string, reason: string, code?: string) {
    super(`${operation} of the secret ${secretArn} fails: ${reason}`);
    this.code = code;
  }
}

const attempts = 3;
const timeoutSeconds = 2;

const json = v.pipe(v.string(), v.parseJson());
const secretValue = v.object({ SecretString: v.string() });
const failure = v.pipe(json, v.object({ __type: v.string(), message: v.optional(v.string(), '') }));

export interface SecretsManager {
  /**
   * One call for a secret. An attempt may take {@link timeoutSeconds}; a service that does not answer, or is busy, is
   * asked up to {@link attempts} times.
   *
   * @throws {@link SecretError}
   */
  call: <T>(
    operation: string,
    input: { readonly SecretId: string } & Readonly<Record<string, unknown>>,
    answer: v.GenericSchema<unknown, T>,
  ) => Promise<T>;
  /** The current value of a secret that holds a text. @throws {@link SecretError} */
  read: (secretArn: string) => Promise<string>;
  close: () => void;
}

export function openSecretsManager({ region, credentials, url }: SecretsManagerOptions): SecretsManager {
  const { origin, host, protocol } = new URL(url ?? defaultUrl(region));
  const { exchange, close } = openConnections({ secure: protocol === 'https:' });
  const request = { method: 'POST', origin, path: '/' };

  function ask(operation: string, body: string): Promise<HttpResponse> {
    const headers = signedHeaders(
      {
        method: request.method,
        target: { origin, host, path: request.path },
        query: '',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `secretsmanager.${operation}`,
        },
        body,
      },
      { credentials, region, service: 'secretsmanager', time: new Date() },
    );
    return exchange({ ...request, headers, body }, timeoutSeconds);
  }

  const call: SecretsManager['call'] = async (operation, input, schema) => {
    const body = JSON.stringify(input);
    for (let count = 1; ; count += 1) {
      const answer = await ask(operation, body).catch((error: Error) => error);
      const result =
        answer instanceof Error || answer.status !== 200
          ? undefined
          : v.safeParse(v.pipe(json, schema), answer.body);
      if (result?.success) return result.output;
      const isBusy = answer instanceof Error || answer.status >= 500 || answer.body.includes('Throttling');
      if (!isBusy || count === attempts) throw errorOf(answer, input.SecretId, operation);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** count));
    }
  };

  return {
    call,
    read: async (secretArn) =>
      (await call('GetSecretValue', { SecretId: secretArn }, secretValue)).SecretString,
    close,
  };
}

/** Closes the connections when the work is done. */
export async function withSecretsManager<T>(
  options: SecretsManagerOptions,
  work: (secretsManager: SecretsManager) => Promise<T>,
): Promise<T> {
  const secretsManager = openSecretsManager(options);
  try {
    return await work(secretsManager);
  } finally {
    secretsManager.close();
  }
}

function defaultUrl(region: string): string {
  return `https://secretsmanager.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function errorOf(answer: HttpResponse | Error, secretArn: string, operation: string): SecretError {
  if (answer instanceof Error) return new SecretError(secretArn, operation, answer.message);
  if (answer.status === 200) return new SecretError(secretArn, operation, 'the answer is not as expected');
  const { success, output } = v.safeParse(failure, answer.body);
  if (!success) return new SecretError(secretArn, operation, `status ${answer.status}`);
  const code = output.__type.replace(/^.*#/, '');
  return new SecretError(secretArn, operation, `${code}: ${output.message}`, code);
}
