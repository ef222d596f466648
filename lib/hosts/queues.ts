import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { maxReceipts } from '../events/object-event-work.ts';
import type { DeadLetter, Queue } from '../queue/port.ts';
import { openSqliteQueue } from '../queue/sqlite.ts';
import { maxDeliveryReceipts } from '../webhooks/delivery-work.ts';

/** The queues of the process, in its data folder. */
const queues = {
  /** What the embedded store tells of. */
  events: { file: 'events.sqlite', maxAttempts: maxReceipts },
  /** Webhooks for which something is to be done. */
  deliveries: { file: 'deliveries.sqlite', maxAttempts: maxDeliveryReceipts },
} as const;

/** @param takesOver - is the folder locked for this process? As of {@link openSqliteQueue} */
export function openProcessQueue(
  name: keyof typeof queues,
  dataDir: string,
  takesOver: boolean,
): Promise<Queue> {
  const { file, maxAttempts } = queues[name];
  return openSqliteQueue({ file: join(dataDir, file), maxAttempts, takesOver });
}

export interface Redriven {
  readonly count: number;
  /** Some of them, with the reasons why they had been set aside. */
  readonly examples: readonly DeadLetter[];
}

/**
 * Gives what was set aside back to the workers: to those of the process that runs there, who look within some seconds, or
 * of the next one.
 */
export async function redriveQueues(dataDir: string): Promise<Redriven> {
  const redriven = await Promise.all([redrive('events', dataDir), redrive('deliveries', dataDir)]);
  return {
    count: redriven.reduce((sum, { count }) => sum + count, 0),
    examples: redriven.flatMap(({ examples }) => examples),
  };
}

async function redrive(name: keyof typeof queues, dataDir: string): Promise<Redriven> {
  if (!existsSync(join(dataDir, queues[name].file))) return { count: 0, examples: [] };
  const queue = await openProcessQueue(name, dataDir, false);
  try {
    const examples = await queue.deadLetters();
    return { count: await queue.redrive(), examples };
  } finally {
    await queue.close();
  }
}
