import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import type { Message, Queue } from '../../lib/queue/port.ts';
import type { LambdaProcess } from './lambda-process.ts';

/** What Lambda's event source mapping does between a queue and a function. */
export interface EventSource {
  /** Hands over what there is, in one batch. */
  readonly handOver: () => Promise<{ readonly taken: number; readonly again: readonly Message[] }>;
  /** Hands over whatever comes, until {@link EventSource.stop}. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

const batchAnswer = v.object({ batchItemFailures: v.array(v.object({ itemIdentifier: v.string() })) });
/** What the templates set for a function of a minute. */
const visibilitySeconds = 360;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function openEventSource(queue: Queue, { invoke }: LambdaProcess): EventSource {
  const stopped = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function handOver() {
    const messages = await queue.receive({ limit: 10, leaseSeconds: visibilitySeconds });
    if (messages.length === 0) return { taken: 0, again: [] };
    const { result } = await invoke({ Records: messages.map(toRecord) });
    const failures = v.parse(batchAnswer, result).batchItemFailures;
    const isFailed = ({ id }: Message) => failures.some(({ itemIdentifier }) => itemIdentifier === id);
    for (const message of messages.filter((one) => !isFailed(one))) await queue.done(message);
    return { taken: messages.length, again: messages.filter(isFailed) };
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      await handOver();
      await delay(20);
    }
  }

  return {
    handOver,
    start: () => {
      running = run();
    },
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function toRecord({ id, body, attempts, receipt }: Message): object {
  return {
    messageId: id,
    receiptHandle: receipt,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempts),
      SentTimestamp: '1764072000000',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1764072000001',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:queue',
    awsRegion: 'us-east-1',
  };
}
