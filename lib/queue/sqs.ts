import * as v from 'valibot';
import type { Credentials } from '../storage/sigv4.ts';
import { cameTooOften, type Message, type Queue, type ReceiveQuery } from './port.ts';
import { createQueue } from './queue.ts';
import { connectSqs } from './sqs-call.ts';
import { sendToSqs } from './sqs-send.ts';

export interface SqsQueueOptions {
  /** `https://sqs.eu-west-1.amazonaws.com/123456789012/events`, whose redrive policy names the other one. */
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly region: string;
  readonly credentials: Credentials;
}

const receivedMessages = v.object({
  Messages: v.optional(
    v.array(
      v.object({
        MessageId: v.string(),
        ReceiptHandle: v.string(),
        Body: v.string(),
        Attributes: v.object({ ApproximateReceiveCount: v.pipe(v.string(), v.transform(Number)) }),
        MessageAttributes: v.optional(
          v.record(v.string(), v.object({ StringValue: v.optional(v.string()) })),
        ),
      }),
    ),
    [],
  ),
});

type ReceivedMessage = v.InferOutput<typeof receivedMessages>['Messages'][number];

/** SQS lets nobody hear of an end while it waits; so it waits no longer than this before it is asked again. */
const waitStepSeconds = 1;
/** Long enough to look at a batch of dead letters, or to send them on and take them away. */
const deadLetterLeaseSeconds = 60;

/**
 * A queue of SQS's standard kind. Needs `SendMessage`, `ReceiveMessage`, `DeleteMessage` and `ChangeMessageVisibility` on
 * both of its queues.
 */
export function openSqsQueue(options: SqsQueueOptions): Queue {
  const { queueUrl, deadLetterQueueUrl, region, credentials } = options;
  const connection = connectSqs({ origin: new URL(queueUrl).origin, region, credentials });
  const { call, close } = connection;
  let isClosed = false;

  async function take(
    url: string,
    { limit, leaseSeconds, waitSeconds = 0 }: ReceiveQuery,
  ): Promise<readonly ReceivedMessage[]> {
    const answer = await call('ReceiveMessage', {
      QueueUrl: url,
      MaxNumberOfMessages: limit,
      VisibilityTimeout: leaseSeconds,
      WaitTimeSeconds: waitSeconds,
      // The older name of MessageSystemAttributeNames: SQS and its stand-ins all know it.
      AttributeNames: ['ApproximateReceiveCount'],
      MessageAttributeNames: ['reason'],
    });
    return v.parse(receivedMessages, answer).Messages;
  }

  /** Waits a little: only so does SQS ask all of its servers. */
  function takeDead(): Promise<readonly ReceivedMessage[]> {
    return take(deadLetterQueueUrl, { limit: 10, leaseSeconds: deadLetterLeaseSeconds, waitSeconds: 1 });
  }

  async function remove(url: string, { receipt }: Pick<Message, 'receipt'>): Promise<void> {
    await call('DeleteMessage', { QueueUrl: url, ReceiptHandle: receipt });
  }

  async function postpone(url: string, { receipt }: Message, seconds: number): Promise<void> {
    await call('ChangeMessageVisibility', {
      QueueUrl: url,
      ReceiptHandle: receipt,
      VisibilityTimeout: seconds,
    });
  }

  return createQueue({
    send: (messages) => sendToSqs(connection, queueUrl, messages),

    receive: async (query) => {
      const { waitSeconds = 0, signal } = query;
      const waitUntil = performance.now() + waitSeconds * 1000;
      for (;;) {
        if (isClosed || signal?.aborted) return [];
        const step = Math.min(waitSeconds, waitStepSeconds);
        const messages = await take(queueUrl, { ...query, waitSeconds: step });
        if (messages.length > 0 || performance.now() >= waitUntil) return messages.map(toMessage);
      }
    },

    extend: (message, seconds) => postpone(queueUrl, message, seconds),
    done: (message) => remove(queueUrl, message),
    retry: (message, seconds) => postpone(queueUrl, message, seconds),

    deadLetter: async (message, reason) => {
      await sendToSqs(connection, deadLetterQueueUrl, [{ body: message.body, reason }]);
      await remove(queueUrl, message);
    },

    deadLetters: async () => {
      const messages = await takeDead();
      await Promise.all(messages.map((message) => postpone(deadLetterQueueUrl, toMessage(message), 0)));
      return messages.map(({ Body, MessageAttributes }) => ({
        body: Body,
        reason: MessageAttributes?.['reason']?.StringValue ?? cameTooOften,
      }));
    },

    redrive: async () => {
      for (let count = 0; ;) {
        const messages = await takeDead();
        if (messages.length === 0) return count;
        await sendToSqs(
          connection,
          queueUrl,
          messages.map(({ Body }) => ({ body: Body })),
        );
        await Promise.all(messages.map((message) => remove(deadLetterQueueUrl, toMessage(message))));
        count += messages.length;
      }
    },

    close: async () => {
      isClosed = true;
      close();
    },
  });
}

function toMessage({ MessageId, Body, Attributes, ReceiptHandle }: ReceivedMessage): Message {
  return {
    id: MessageId,
    body: Body,
    attempts: Attributes.ApproximateReceiveCount,
    receipt: ReceiptHandle,
  };
}
