import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createSqsServer } from 'local-aws-sqs';
import type { Queue } from '../../lib/queue/port.ts';
import { openSqsQueue } from '../../lib/queue/sqs.ts';
import { connectSqs } from '../../lib/queue/sqs-call.ts';

export interface QueueUrls {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

export interface LocalSqs {
  readonly origin: string;
  /** Makes a queue of this name. @returns its address */
  readonly createNamed: (name: string) => Promise<string>;
  /** Makes a queue, and one for its dead letters. */
  readonly createQueue: (maxAttempts: number) => Promise<QueueUrls>;
  readonly stop: () => Promise<void>;
}

const signing = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

/** SQS on loopback: it believes every signature. @param accountId - in the paths of queues */
export async function startLocalSqs(accountId = '123456789012'): Promise<LocalSqs> {
  const server = await createSqsServer({ port: 0, hostname: '127.0.0.1', accountId });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const connection = connectSqs({ origin, ...signing });

  async function create(name: string, attributes: object): Promise<string> {
    await connection.call('CreateQueue', { QueueName: name, Attributes: attributes });
    return `${origin}/${accountId}/${name}`;
  }

  return {
    origin,
    createNamed: (name) => create(name, {}),
    createQueue: async (maxAttempts) => {
      const name = randomUUID();
      const deadLetterQueueUrl = await create(`${name}-dead`, {});
      const deadLetterTargetArn = `arn:aws:sqs:us-east-1:123456789012:${name}-dead`;
      const queueUrl = await create(name, {
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: maxAttempts }),
      });
      return { queueUrl, deadLetterQueueUrl };
    },
    stop: async () => {
      connection.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @param origin - where to send what is meant for the queues: to them, or to what stands before them */
export function openLocalQueue(urls: QueueUrls, origin = new URL(urls.queueUrl).origin): Queue {
  return openSqsQueue({
    queueUrl: origin + new URL(urls.queueUrl).pathname,
    deadLetterQueueUrl: origin + new URL(urls.deadLetterQueueUrl).pathname,
    ...signing,
  });
}
