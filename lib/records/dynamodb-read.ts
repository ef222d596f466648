import * as v from 'valibot';
import { type HttpResponse, openConnections } from '../storage/exchange.ts';
import { signedHeaders } from '../storage/sign-request.ts';
import type { Credentials } from '../storage/sigv4.ts';

/**
 * Reads of DynamoDB, signed by our own signer: every cold start of a function reads, and to load the SDK would take it
 * longer than the answers do.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
export interface DynamoReads {
  /** @throws Error when DynamoDB does not answer or refuses, after {@link attempts} where it may pass */
  readonly ask: <T>(operation: 'GetItem' | 'Query', input: object, schema: Schema<T>) => Promise<T>;
  readonly close: () => void;
}

type Schema<T> = v.GenericSchema<unknown, T>;

export interface DynamoConnection {
  readonly region: string;
  readonly credentials: Credentials;
  /** Default: AWS's regional endpoint. */
  readonly endpoint?: string | undefined;
  /** How long an answer is waited for, each time. Default: {@link defaultTimeoutSeconds}. */
  readonly timeoutSeconds?: number | undefined;
}

export const defaultTimeoutSeconds = 5;

const attempts = 5;

const failure = v.pipe(v.string(), v.parseJson(), v.object({ __type: v.string() }));

/** Refusals of a moment ago that mean nothing now. */
const passing = /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|TransactionConflict/;

export function openDynamoReads({
  region,
  credentials,
  endpoint,
  timeoutSeconds = defaultTimeoutSeconds,
}: DynamoConnection): DynamoReads {
  const { origin, host, protocol } = new URL(endpoint ?? defaultEndpoint(region));
  const { exchange, close } = openConnections({ secure: protocol === 'https:' });
  const request = { method: 'POST', origin, path: '/' };

  function send(operation: string, body: string): Promise<HttpResponse> {
    const headers = signedHeaders(
      {
        method: request.method,
        target: { origin, host, path: request.path },
        query: '',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${operation}`,
        },
        body,
      },
      { credentials, region, service: 'dynamodb', time: new Date() },
    );
    return exchange({ ...request, headers, body }, timeoutSeconds);
  }

  async function ask<T>(operation: string, input: object, schema: Schema<T>): Promise<T> {
    const body = JSON.stringify(input);
    for (let count = 1; ; count += 1) {
      const answer = await send(operation, body).catch((error: Error) => error);
      if (!(answer instanceof Error) && answer.status === 200)
        return v.parse(schema, JSON.parse(answer.body));
      const error = answer instanceof Error ? answer : new Error(`DynamoDB: ${reasonOf(answer)}`);
      const mayPass = answer instanceof Error || answer.status >= 500 || passing.test(error.message);
      if (!mayPass || count === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** count));
    }
  }

  return { ask, close };
}

function defaultEndpoint(region: string): string {
  return `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function reasonOf({ status, body }: HttpResponse): string {
  const { success, output } = v.safeParse(failure, body);
  return success ? output.__type.replace(/^.*#/, '') : `status ${status}`;
}
