import type { Queue } from '../../../../lib/queue/port.ts';
import { dig } from '../dig.ts';
import type { FunctionUnderItsRole } from './under-its-role.ts';

/** Sends messages by the queue, as Lambda hands them over: one at a time. @returns those that have to come again */
export async function comingAgain(
  invoke: FunctionUnderItsRole['invoke'],
  queue: Queue,
  bodies: readonly string[],
): Promise<readonly string[]> {
  const again: string[] = [];
  for (const body of bodies) {
    await queue.send([{ body }]);
    const [message] = await queue.receive({ limit: 1, leaseSeconds: 3600, waitSeconds: 5 });
    const { result } = await invoke({
      Records: [
        {
          messageId: message?.id,
          receiptHandle: message?.receipt,
          body: message?.body,
          attributes: { ApproximateReceiveCount: String(message?.attempts) },
        },
      ],
    });
    const failures: readonly unknown[] = Object(dig(result, 'batchItemFailures'));
    if (!message) continue;
    if (failures.length > 0) {
      again.push(body);
      // Not now: the next one has to come first.
      await queue.extend(message, 3600);
    } else {
      // As Lambda does, also where the function has set it aside already.
      await queue.done(message).catch(() => undefined);
    }
  }
  return again;
}
