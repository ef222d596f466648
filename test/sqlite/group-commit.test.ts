import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from '../../lib/sqlite/database.ts';

/** A change that adds a number, unless it fails, before that or behind it. */
const changes = fc.array(
  fc.record({ number: fc.nat(20), fails: fc.constantFrom('never', 'before', 'behind') }),
  { maxLength: 12 },
);

async function withDatabase(use: (database: Database) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-group-commit-'));
  const database = await openDatabase(join(folder, 'index'), 'CREATE TABLE numbers (number INTEGER) STRICT;');
  try {
    await use(database);
  } finally {
    await database.close();
    await rm(folder, { recursive: true });
  }
}

test('of changes that share a transaction, those that fail leave nothing, and the others all that they did', () =>
  withDatabase(async ({ connection, commit }) => {
    const add = connection.prepare('INSERT INTO numbers VALUES (?)');
    const total = connection.prepare('SELECT COUNT(*) AS total FROM numbers');
    await fc.assert(
      fc.asyncProperty(changes, async (batch) => {
        connection.exec('DELETE FROM numbers');
        const outcomes = await Promise.allSettled(
          batch.map(({ number, fails }) =>
            commit(() => {
              if (fails === 'before') throw new Error(`refused ${number}`);
              add.run(number);
              if (fails === 'behind') throw new Error(`refused ${number}`);
              return total.get()?.['total'];
            }),
          ),
        );
        let count = 0;
        const expected = batch.map(({ number, fails }) =>
          fails === 'never'
            ? { status: 'fulfilled', value: (count += 1) }
            : { status: 'rejected', reason: new Error(`refused ${number}`) },
        );
        expect(outcomes).toEqual(expected);
        const stored = connection.prepare('SELECT number FROM numbers ORDER BY rowid').all();
        expect(stored.map(({ number }) => number)).toEqual(
          batch.filter(({ fails }) => fails === 'never').map(({ number }) => number),
        );
      }),
    );
  }));
