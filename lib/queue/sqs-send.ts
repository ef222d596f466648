import * as v from 'valibot';
import type { NewMessage, Queue } from './port.ts';
import { createSender } from './queue.ts';
import { toBatches } from './sqs-batches.ts';
import { connectSqs, type SqsConnection, type SqsConnectionOptions } from './sqs-call.ts';

const sendResult = v.object({
  Failed: v.optional(v.array(v.object({ Id: v.string(), Code: v.string() })), []),
});

/** @throws Error when SQS has not taken all of them */
export async function sendToSqs(
  { call }: SqsConnection,
  queueUrl: string,
  messages: readonly (NewMessage & { readonly reason?: string })[],
): Promise<void> {
  for (const batch of toBatches(messages)) {
    const Entries = batch.map(({ body, delaySeconds, reason }, index) => ({
      Id: String(index),
      MessageBody: body,
      ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
      ...(reason !== undefined && {
        MessageAttributes: { reason: { DataType: 'String', StringValue: reason } },
      }),
    }));
    const { Failed } = v.parse(sendResult, await call('SendMessageBatch', { QueueUrl: queueUrl, Entries }));
    const [failed] = Failed;
    if (failed) throw new Error(`SQS did not take ${Failed.length} messages: ${failed.Code}`);
  }
}

export interface SqsSenderOptions extends Omit<SqsConnectionOptions, 'origin'> {
  readonly queueUrl: string;
}

/** A queue of SQS's for those who only send. Needs `SendMessage`. */
export function openSqsSender({ queueUrl, region, credentials }: SqsSenderOptions): Pick<Queue, 'send'> {
  const connection = connectSqs({ origin: new URL(queueUrl).origin, region, credentials });
  return createSender({ send: (messages) => sendToSqs(connection, queueUrl, messages) });
}
