import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../access/principal.ts';
import { StowageError } from '../errors.ts';
import type { Records } from '../records/port.ts';
import { remembered } from '../records/remembered.ts';
import type { Log } from '../telemetry/log.ts';
import { type ApiKey, findKey, noteUse } from './key-records.ts';
import { type KeyText, readKeyText } from './key-text.ts';

/**
 * Who presents an API key. Keys are remembered, those that do not exist, too, so that a request costs no look at the
 * records: what is changed takes effect at once in the process that changes it, and elsewhere as `remembered` says.
 */
export interface KnownKeys {
  /**
   * @returns `undefined` for what is no API key
   * @throws StowageError `invalid_credentials`, or `records_unavailable`
   */
  readonly principalOf: (credential: string) => Principal | Promise<Principal> | undefined;
  /**
   * The key itself, whatever its state.
   *
   * @throws StowageError `records_unavailable`
   */
  readonly find: (keyId: string) => ApiKey | undefined | Promise<ApiKey | undefined>;
  /** To be called when a key has been used by other means than its text. */
  readonly noteUse: (keyId: string) => void;
  /** To be called when a key has changed. */
  readonly forget: (keyId: string) => void;
}

export interface KnownKeysOptions {
  readonly records: Records;
  readonly now: () => Date;
  readonly log: Log;
}

/** About 10 MB. The one that was not used for the longest time goes first. */
const maxEntries = 10_000;

/** A key's last use is written so often at most. */
const noteEverySeconds = 600;

interface Entry {
  readonly find: () => ApiKey | undefined | Promise<ApiKey | undefined>;
  notedAt: number;
}

export function knownKeys({ records, now, log }: KnownKeysOptions): KnownKeys {
  const entries = new Map<string, Entry>();

  function entryOf(keyId: string): Entry {
    const known = entries.get(keyId);
    const entry = known ?? { find: remembered(() => findKey(records, keyId), now), notedAt: -Infinity };
    if (known) entries.delete(keyId);
    else if (entries.size >= maxEntries) {
      const [oldest = ''] = entries.keys();
      entries.delete(oldest);
    }
    entries.set(keyId, entry);
    return entry;
  }

  function note(entry: Entry, keyId: string): void {
    const time = now();
    if (time.getTime() < entry.notedAt + noteEverySeconds * 1000) return;
    entry.notedAt = time.getTime();
    noteUse(records, keyId, time).catch((error: unknown) =>
      log('warn', 'The last use of an API key is not noted.', { keyId, error }),
    );
  }

  function admit(entry: Entry, key: ApiKey | undefined, text: KeyText): Principal {
    const principal = judge(key, text, now());
    note(entry, text.keyId);
    return principal;
  }

  return {
    principalOf(credential) {
      const text = readKeyText(credential);
      if (!text) return undefined;
      const entry = entryOf(text.keyId);
      const found = entry.find();
      return found instanceof Promise
        ? found.then((key) => admit(entry, key, text))
        : admit(entry, found, text);
    },
    find: (keyId) => entryOf(keyId).find(),
    noteUse: (keyId) => note(entryOf(keyId), keyId),
    forget: (keyId) => entries.delete(keyId),
  };
}

/** What a key lacks is told to those alone who have proven that they hold it. */
function judge(key: ApiKey | undefined, { sha256 }: KeyText, now: Date): Principal {
  const { keyId, previous, tenant, grants, expiresAt, enabled, lineage } = key ?? {};
  const accepted = [
    Buffer.from(key?.sha256 ?? '', 'hex'),
    ...(previous && now < previous.until ? [Buffer.from(previous.sha256, 'hex')] : []),
  ];
  const isHeld = accepted.some((hash) => hash.length === sha256.length && timingSafeEqual(hash, sha256));
  if (!isHeld || keyId === undefined || grants === undefined) throw refusal('The API key is unknown.');
  if (!enabled) throw refusal('The API key is disabled.');
  if (expiresAt && expiresAt <= now) throw refusal('The API key has expired.');
  return {
    kind: 'key',
    sub: keyId,
    tenant,
    grants,
    ...(expiresAt && { expiresAt }),
    ...(lineage && { lineage }),
  };
}

function refusal(detail: string): StowageError {
  return new StowageError('invalid_credentials', detail);
}
