import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListQuery, Records } from '../../lib/records/port.ts';
import type { RecordsUnderTest } from './records-under-test.ts';

/** Sort keys in which UTF-8's order and that of JavaScript's strings differ, and such that are prefixes of others. */
const awkwardKeys = (
  'a|a\0|a\0b|aa|ab|b|B|0|10|2| |~|\u007f|\u0080|ä|é|e\u0301|\ud7ff|\ue000|\uffff|' +
  '😀|😀a|\u{10000}|\u{10ffff}|\u{10ffff}a|\u{10ffff}\u{10ffff}'
).split('|');

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a listing gives when all of it fits on one page. */
function expected(
  keys: readonly string[],
  { prefix = '', after, descending = false }: Omit<ListQuery, 'limit'>,
) {
  const sorted = keys.filter((key) => key.startsWith(prefix)).sort(byBytes);
  if (descending) sorted.reverse();
  return sorted.filter(
    (key) => after === undefined || (descending ? byBytes(key, after) < 0 : byBytes(key, after) > 0),
  );
}

async function allPages(records: Records, partition: string, query: ListQuery): Promise<string[]> {
  const keys: string[] = [];
  for (let after = query.after; ;) {
    const page = await records.list(partition, { ...query, ...(after !== undefined && { after }) });
    keys.push(...page.records.map(({ sort }) => sort));
    if (page.next === undefined) return keys;
    expect(page.records).toHaveLength(query.limit);
    after = page.next;
  }
}

export function describeListing({ records, clock }: RecordsUnderTest): void {
  describe('a listing', () => {
    test('is in the byte order of UTF-8, both ways, from any place, under any prefix, on pages of any size', async () => {
      const partition = randomUUID();
      await Promise.all(awkwardKeys.map((sort) => records.put({ partition, sort, value: sort })));
      const place = fc.oneof(
        fc.constantFrom(...awkwardKeys),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
      );
      const query = fc.record(
        { prefix: place, after: place, descending: fc.boolean() },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(query, fc.integer({ min: 1, max: 30 }), async (query, limit) => {
          expect(await allPages(records, partition, { ...query, limit })).toEqual(
            expected(awkwardKeys, query),
          );
        }),
      );
    });

    test('gives whole records of its own partition alone', async () => {
      const partition = randomUUID();
      const version = await records.put({ partition, sort: 'key', value: { name: 'one' } });
      await records.put({ partition: `${partition}.`, sort: 'key', value: { name: 'two' } });
      expect(await records.list(partition, { limit: 1 })).toEqual({
        records: [{ partition, sort: 'key', value: { name: 'one' }, version, counters: {} }],
      });
    });

    test('has full pages, however many expired records lie between', async () => {
      const partition = randomUUID();
      const expiresAt = new Date(clock.now.getTime() + 1000);
      await Promise.all(
        Array.from({ length: 60 }, (_, index) => {
          const lasting = index % 20 === 19;
          return records.put({
            partition,
            sort: String(index).padStart(2, '0'),
            value: index,
            ...(!lasting && { expiresAt }),
          });
        }),
      );
      clock.now = new Date(clock.now.getTime() + 2000);
      const page = await records.list(partition, { limit: 2 });
      expect(page).toMatchObject({ records: [{ value: 19 }, { value: 39 }], next: '39' });
      expect(await records.list(partition, { limit: 2, after: '39' })).toMatchObject({
        records: [{ value: 59 }],
      });
    });

    test('holds more than DynamoDB reads at once (1 MB)', async () => {
      const partition = randomUUID();
      const value = 'x'.repeat(100_000);
      const keys = Array.from({ length: 15 }, (_, index) => String(index).padStart(2, '0'));
      await Promise.all(keys.map((sort) => records.put({ partition, sort, value })));
      const page = await records.list(partition, { limit: 100 });
      expect(page.records.map(({ sort }) => sort)).toEqual(keys);
      expect(page).not.toHaveProperty('next');
    });
  });
}
