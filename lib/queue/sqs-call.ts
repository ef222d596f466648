import { setTimeout as delay } from 'node:timers/promises';
import { S3Error } from '../storage/errors.ts';
import { openConnections } from '../storage/exchange.ts';
import { signedHeaders } from '../storage/sign-request.ts';
import type { Credentials } from '../storage/sigv4.ts';

/**
 * SQS's JSON protocol, signed by our own hand: the five calls that a queue needs are no reason to load the SDK at every
 * cold start.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
export interface SqsConnection {
  /** @throws {@link SqsError} for a refusal, {@link S3Error} when there is no answer */
  readonly call: (action: string, input: object) => Promise<unknown>;
  readonly close: () => void;
}

export interface SqsConnectionOptions {
  /** `https://sqs.eu-west-1.amazonaws.com` */
  readonly origin: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** A refusal. */
export class SqsError extends Error {
  override readonly name = 'SqsError';
  readonly status: number;

  constructor(status: number, body: string) {
    super(`SQS answered ${status}: ${body.slice(0, 300)}`);
    this.status = status;
  }
}

const maxTries = 4;
const timeoutSeconds = 5;

export function connectSqs({ origin, region, credentials }: SqsConnectionOptions): SqsConnection {
  const { exchange, close } = openConnections({ secure: origin.startsWith('https:') });
  const target = { origin, host: new URL(origin).host, path: '/' };

  async function callOnce(action: string, input: object): Promise<unknown> {
    const body = JSON.stringify(input);
    const headers = signedHeaders(
      {
        method: 'POST',
        target,
        query: '',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': String(Buffer.byteLength(body)),
          'x-amz-target': `AmazonSQS.${action}`,
        },
        body,
      },
      { credentials, region, service: 'sqs', time: new Date() },
    );
    const response = await exchange(
      { method: 'POST', origin, path: target.path, headers, body },
      timeoutSeconds,
    );
    if (response.status !== 200) throw new SqsError(response.status, response.body);
    return response.body === '' ? {} : JSON.parse(response.body);
  }

  return {
    call: async (action, input) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await callOnce(action, input);
        } catch (error) {
          if (tries === maxTries || !isPassing(error)) throw error;
        }
        await delay(Math.random() * 50 * 2 ** tries);
      }
    },
    close,
  };
}

function isPassing(error: unknown): boolean {
  if (error instanceof SqsError) return error.status >= 500 || error.message.includes('Throttl');
  return error instanceof S3Error;
}
