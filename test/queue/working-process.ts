import { writeSync } from 'node:fs';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';

/** Sends and works without end, and tells what was acknowledged: `node working-process.ts FILE`. To be killed. */
const [, , file = ''] = process.argv;
const queue = await openSqliteQueue({ file, maxAttempts: 1000 });

async function send(sender: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const body = `${sender}-${index}`;
    await queue.send([{ body }]);
    writeSync(1, `sent ${body}\n`);
  }
}

async function work(): Promise<never> {
  for (;;) {
    for (const message of await queue.receive({ limit: 3, leaseSeconds: 1, waitSeconds: 20 })) {
      if (Math.random() < 0.3) continue;
      writeSync(1, `ending ${message.body}\n`);
      await queue.done(message);
      writeSync(1, `done ${message.body}\n`);
    }
  }
}

await Promise.all([...Array.from({ length: 8 }, (_, sender) => send(sender)), work(), work()]);
