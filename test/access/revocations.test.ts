import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lineageFor } from '../../lib/access/lineage.ts';
import type { Principal } from '../../lib/access/principal.ts';
import { createRevocations, type Revocations } from '../../lib/access/revocations.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { StowageError } from '../../lib/errors.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';

const config = parseConfig({ buckets: { files: { abandonedUploadDays: 3 } } });
const root: Principal = { kind: 'root', sub: 'root', grants: [] };
const key: Principal = { kind: 'key', sub: 'one', grants: [] };

describe('revocations in several processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-revocations-'));
  let time = Date.parse('2026-11-23T12:00:00Z');
  const now = () => new Date(time);
  const later = (seconds: number) => {
    time += seconds * 1000;
  };
  let records: Records;
  let isOut = false;
  let listed = 0;
  let here: Revocations;
  let there: Revocations;
  let count = 0;
  const nextId = () => `token-${String((count += 1)).padStart(10, '0')}`;

  beforeAll(async () => {
    records = await openSqliteRecords({ file: join(folder, 'records.sqlite'), now });
  });
  beforeEach(() => {
    isOut = false;
    listed = 0;
    later(3600);
    here = createRevocations(records, config, now);
    there = createRevocations(
      {
        ...records,
        list: async (partition, query) => {
          if (isOut) throw new StowageError('records_unavailable', 'out');
          const page = await records.list(partition, query);
          listed += page.records.length;
          return page;
        },
      },
      config,
      now,
    );
  });
  afterAll(async () => {
    await records.close();
    rmSync(folder, { recursive: true });
  });

  test('count at once where they were made, and elsewhere within 30 seconds', async () => {
    const tokenId = nextId();
    const lineage = lineageFor(root, now(), tokenId);
    expect([await here.isRevoked(lineage), await there.isRevoked(lineage)]).toEqual([false, false]);
    await here.revokeToken(tokenId, root);
    expect([await here.isRevoked(lineage), await there.isRevoked(lineage)]).toEqual([true, false]);
    later(30);
    expect(await there.isRevoked(lineage)).toBe(true);
  });

  test('are known to a process that starts afterwards', async () => {
    const tokenId = nextId();
    await here.revokeToken(tokenId, root);
    expect(await there.isRevoked(lineageFor(root, now(), tokenId))).toBe(true);
  });

  test('are read on from where the last look ended', async () => {
    for (let more = 0; more < 20; more += 1) await here.revokeToken(nextId(), root);
    await there.isRevoked(lineageFor(root, now(), nextId()));
    const before = listed;
    expect(before).toBeGreaterThanOrEqual(20);
    later(600);
    const tokenId = nextId();
    await here.revokeToken(tokenId, root);
    await there.isRevoked(lineageFor(root, now(), tokenId));
    later(600);
    listed = 0;
    expect(await there.isRevoked(lineageFor(root, now(), tokenId))).toBe(true);
    expect(listed).toBeLessThanOrEqual(1);
  });

  test('cannot be waited out: with the records away, nobody is let in after 30 seconds', async () => {
    const lineage = lineageFor(root, now(), nextId());
    expect(await there.isRevoked(lineage)).toBe(false);
    isOut = true;
    later(29);
    expect(await there.isRevoked(lineage)).toBe(false);
    later(1);
    await expect(async () => there.isRevoked(lineage)).rejects.toMatchObject({ code: 'records_unavailable' });
  });

  test('of a key end what it made before it was enabled again, and nothing after', async () => {
    const before = lineageFor(key, now());
    await here.revokeKey('one');
    later(5);
    const between = lineageFor(key, now());
    await here.reviveKey('one');
    later(1);
    const after = lineageFor(key, now());
    for (const revocations of [here, there]) {
      const verdicts = [before, between, after].map(async (lineage) => revocations.isRevoked(lineage));
      expect(await Promise.all(verdicts)).toEqual([true, true, false]);
    }
  });

  test('of a key end what its tokens make elsewhere, before it is known there, and after the key is back', async () => {
    const token: Principal = {
      kind: 'token',
      sub: 'ann',
      grants: [],
      lineage: lineageFor(key, now(), nextId()),
    };
    later(1);
    await here.revokeKey('one');
    await here.reviveKey('one');
    later(1);
    const childOfToken = lineageFor(token, now(), nextId());
    const ofToken: Principal = { kind: 'key', sub: 'two', grants: [], lineage: lineageFor(token, now()) };
    for (const late of [childOfToken, lineageFor(ofToken, now()), lineageFor(ofToken, now(), nextId())]) {
      expect([await here.isRevoked(late), await there.isRevoked(late)]).toEqual([true, true]);
    }
  });

  test('last as long as an upload may, and are forgotten then', async () => {
    const tokenId = nextId();
    const lineage = lineageFor(root, now(), tokenId);
    await here.revokeToken(tokenId, root);
    later(3 * 86_400);
    expect([await here.isRevoked(lineage), await there.isRevoked(lineage)]).toEqual([true, true]);
    later(3601);
    await here.isRevoked(lineage);
    expect((await records.list('revocations', { limit: 1000 })).records).toEqual([]);
  });
});
