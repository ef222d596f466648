import { join } from 'node:path';
import { openDataFolder } from '../embedded/data-folder.ts';
import type { DeadLetter } from '../queue/port.ts';
import { openSqliteQueue } from '../queue/sqlite.ts';
import { maxReceipts } from './object-event-work.ts';

/** The process's queue of object events. @param takesOver - as of {@link openSqliteQueue} */
export function openEventQueue(dataDir: string, takesOver = false) {
  return openSqliteQueue({ file: join(dataDir, 'events.sqlite'), maxAttempts: maxReceipts, takesOver });
}

export interface Redriven {
  readonly count: number;
  /** Some of them, with the reasons why they had been set aside. */
  readonly examples: readonly DeadLetter[];
}

/**
 * Gives the object events that were set aside back to the workers, who begin with them at the next start.
 *
 * @throws Error when a process uses the folder
 */
export async function redriveEvents(dataDir: string): Promise<Redriven> {
  const folder = await openDataFolder(dataDir);
  const queue = await openEventQueue(dataDir);
  try {
    const examples = await queue.deadLetters();
    return { count: await queue.redrive(), examples };
  } finally {
    await queue.close();
    folder.unlock();
  }
}
