import * as v from 'valibot';
import { type Work, workOnBatch } from '../queue/work.ts';

/** What Lambda hands over of a queue. */
const sqsBatch = v.object({
  Records: v.array(
    v.object({
      messageId: v.string(),
      receiptHandle: v.string(),
      body: v.string(),
      attributes: v.object({ ApproximateReceiveCount: v.pipe(v.string(), v.transform(Number)) }),
    }),
  ),
});

export type SqsHandler = (
  batch: unknown,
) => Promise<{ readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }>;

/**
 * A Lambda handler for the messages of a queue: the same work as in the process. Of a batch, only the messages that are
 * named in the answer come again, each when its back-off says.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function sqsHandler(work: Work): SqsHandler {
  return async (batch) => {
    const messages = v
      .parse(sqsBatch, batch)
      .Records.map(({ messageId, receiptHandle, body, attributes }) => ({
        id: messageId,
        receipt: receiptHandle,
        body,
        attempts: attributes.ApproximateReceiveCount,
      }));
    const again = await workOnBatch(work, messages);
    return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
