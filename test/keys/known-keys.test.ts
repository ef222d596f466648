import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { StowageError } from '../../lib/errors.ts';
import { addKey, changeKey, lastUse } from '../../lib/keys/key-records.ts';
import { makeKeyText, readKeyText } from '../../lib/keys/key-text.ts';
import { type KnownKeys, knownKeys } from '../../lib/keys/known-keys.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';

describe("a key's text", () => {
  test('ends in the CRC-32 of all before, in base 62, so that a scanner knows it', () => {
    const { text } = makeKeyText();
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const value = Array.from(text.slice(-6)).reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0);
    expect(value).toBe(crc32(text.slice(0, -6)));
  });

  test('is never drawn twice, and read back', () => {
    const texts = Array.from({ length: 1000 }, () => makeKeyText());
    expect(new Set(texts.map(({ keyId }) => keyId)).size).toBe(1000);
    for (const { text, ...known } of texts) expect(readKeyText(text)).toEqual(known);
  });
});

describe('keys known to a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-keys-'));
  let time = Date.parse('2026-11-23T12:00:00Z');
  const now = () => new Date(time);
  let stored: Records;
  let reads = 0;
  let isOut = false;
  /** As this process sees them; others write to `stored` itself. */
  let keys: KnownKeys;
  let logged: string[];

  beforeEach(async () => {
    stored ??= await openSqliteRecords({ file: join(folder, 'records.sqlite') });
    reads = 0;
    isOut = false;
    logged = [];
    const seen: Records = {
      ...stored,
      get: async (partition, sort) => {
        reads += 1;
        if (isOut) throw new StowageError('records_unavailable', 'out');
        return stored.get(partition, sort);
      },
    };
    keys = knownKeys({ records: seen, now, log: (_, message) => logged.push(message) });
  });
  afterAll(async () => {
    await stored.close();
    rmSync(folder, { recursive: true });
  });

  async function make(changes: object = {}): Promise<{ text: string; keyId: string }> {
    const { text, keyId, sha256 } = makeKeyText();
    await addKey(stored, {
      keyId,
      name: 'of the tests',
      tenant: undefined,
      grants: [],
      enabled: true,
      createdAt: now(),
      createdBy: { kind: 'root', sub: 'root' },
      sha256: sha256.toString('hex'),
      ...changes,
    });
    return { text, keyId };
  }

  async function outcome(text: string): Promise<string> {
    try {
      return (await keys.principalOf(text))?.sub ?? 'no key';
    } catch (error) {
      if (error instanceof StowageError) return error.message;
      throw error;
    }
  }

  const later = (seconds: number) => {
    time += seconds * 1000;
  };

  test('are looked up once, and answered at once after that', async () => {
    const { text, keyId } = await make();
    expect(await outcome(text)).toBe(keyId);
    for (let count = 0; count < 100; count += 1) {
      expect(keys.principalOf(text)).toMatchObject({ kind: 'key', sub: keyId });
    }
    expect(reads).toBe(1);
  });

  test('are looked up once by many requests at a time', async () => {
    const { text, keyId } = await make();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(text)));
    expect([new Set(outcomes), reads]).toEqual([new Set([keyId]), 1]);
  });

  test('include those that do not exist', async () => {
    const { text } = makeKeyText();
    for (let count = 0; count < 10; count += 1) expect(await outcome(text)).toBe('The API key is unknown.');
    expect(reads).toBe(1);
  });

  test('are no more than so many: those in use stay, whatever others try', async () => {
    const { text, keyId } = await make();
    for (let count = 0; count < 10_500; count += 1) {
      if (count % 5000 === 0) expect(await outcome(text)).toBe(keyId);
      await outcome(makeKeyText().text);
    }
    const before = reads;
    expect([await outcome(text), reads]).toEqual([keyId, before]);
  });

  test('that another process has changed are refused within 30 seconds, at the first request', async () => {
    const { text, keyId } = await make();
    await outcome(text);
    await changeKey(stored, keyId, (key) => ({ ...key, enabled: false }));
    later(30);
    expect(await outcome(text)).toBe('The API key, or one that made it, is disabled.');
  });

  test('that are in use are read again every five seconds, beside the requests', async () => {
    const { text, keyId } = await make();
    await outcome(text);
    await changeKey(stored, keyId, () => undefined);
    later(5);
    expect(await outcome(text)).toBe(keyId);
    await turn();
    expect(await outcome(text)).toBe('The API key is unknown.');
  });

  test('are believed through a short outage of the records, and no longer', async () => {
    const { text, keyId } = await make();
    await outcome(text);
    isOut = true;
    later(29);
    expect(await outcome(text)).toBe(keyId);
    later(1);
    expect(await outcome(text)).toBe('out');
    isOut = false;
    expect(await outcome(text)).toBe(keyId);
  });

  test('end on time, though they are remembered', async () => {
    const { text, keyId } = await make({ expiresAt: new Date(time + 3000) });
    expect(await outcome(text)).toBe(keyId);
    later(3);
    expect(await outcome(text)).toBe('The API key has expired.');
  });

  test('have their use noted every ten minutes at most, and are served where that fails', async () => {
    const { text, keyId } = await make();
    await outcome(text);
    await expect.poll(() => lastUse(stored, keyId)).toEqual(now());
    const first = now();
    later(599);
    await outcome(text);
    await turn();
    expect(await lastUse(stored, keyId)).toEqual(first);
    later(1);
    expect(await outcome(text)).toBe(keyId);
    await expect.poll(() => lastUse(stored, keyId)).toEqual(now());
  });

  test('are served where their use cannot be noted', async () => {
    const { text, keyId } = await make();
    const refusing = { ...stored, put: () => Promise.reject(new Error('read-only')) };
    keys = knownKeys({ records: refusing, now, log: (_, message) => logged.push(message) });
    expect(await outcome(text)).toBe(keyId);
    await turn();
    expect(logged).toEqual(['The last use of an API key is not noted.']);
  });
});
