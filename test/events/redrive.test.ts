import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEventQueue, redriveEvents } from '../../lib/events/redrive.ts';

test('events that were set aside are worked on again, and their reasons told', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-redrive-'));
  try {
    const before = await openEventQueue(dataDir);
    await before.send([{ body: 'one' }]);
    for (const message of await before.receive({ limit: 1, leaseSeconds: 60 })) {
      await before.deadLetter(message, 'confirm: no luck');
    }
    await before.close();
    expect(await redriveEvents(dataDir)).toEqual({
      count: 1,
      examples: [{ body: 'one', reason: 'confirm: no luck' }],
    });
    const after = await openEventQueue(dataDir);
    expect(await after.receive({ limit: 10, leaseSeconds: 1 })).toMatchObject([{ body: 'one', attempts: 1 }]);
    await after.close();
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
