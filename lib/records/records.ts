import { randomUUID } from 'node:crypto';
import { StowageError } from '../errors.ts';
import type { Outcome, RecordsDatabase } from './database.ts';
import { checkChanges, checkKey, checkQuery } from './limits.ts';
import type { Change, Records } from './port.ts';

/** The port over a database: the same limits, versions and errors on each. */
export function createRecords(database: RecordsDatabase): Records {
  async function write(changes: readonly Change[], version: string = randomUUID()): Promise<Outcome> {
    checkChanges(changes);
    return answered(database.write(changes, version));
  }

  return {
    get: async (partition, sort) => {
      checkKey(partition, sort);
      return answered(database.find(partition, sort));
    },
    list: async (partition, query) => {
      checkQuery(partition, query);
      return answered(database.page(partition, query));
    },
    put: async (record, condition) => {
      const version = randomUUID();
      const { done } = await write([{ ...record, action: 'put', condition }], version);
      return done ? version : undefined;
    },
    delete: async (partition, sort, condition) => {
      const { done } = await write([{ action: 'delete', partition, sort, condition }]);
      return done;
    },
    add: async (addition) => {
      const outcome = await write([{ ...addition, action: 'add' }]);
      const counters = outcome.done ? outcome.counters : outcome.current?.counters;
      return { added: outcome.done, counters: counters ?? {} };
    },
    transact: async (changes) => {
      const outcome = await write(changes);
      return outcome.done ? { done: true } : outcome;
    },
    close: database.close,
  };
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new StowageError('records_unavailable', 'The database did not do its part; try again.', { cause });
  }
}
