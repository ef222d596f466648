import { timingSafeEqual } from 'node:crypto';
import { makersOf } from '../access/lineage.ts';
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
   * The key itself, whatever its state; as a disabled one while a key that made it is disabled or deleted.
   *
   * @throws StowageError `records_unavailable`
   */
  readonly find: (keyId: string) => MaybePromise<ApiKey | undefined>;
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

type MaybePromise<T> = T | Promise<T>;

/** About 10 MB. The one that was not used for the longest time goes first. */
const maxEntries = 10_000;

/** A key's last use is written so often at most. */
const noteEverySeconds = 600;

interface Entry {
  readonly find: () => MaybePromise<ApiKey | undefined>;
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

  function find(keyId: string): MaybePromise<ApiKey | undefined> {
    const found = entryOf(keyId).find();
    return found instanceof Promise ? found.then(heldToMakers) : heldToMakers(found);
  }

  function heldToMakers(key: ApiKey | undefined): MaybePromise<ApiKey | undefined> {
    const makers = makersOf(key?.lineage).map((keyId) => entryOf(keyId).find());
    if (!key || makers.length === 0) return key;
    const held = (found: readonly (ApiKey | undefined)[]) =>
      found.every((maker) => maker?.enabled) ? key : { ...key, enabled: false };
    const known = makers.flatMap((maker) => (maker instanceof Promise ? [] : [maker]));
    return known.length === makers.length
      ? held(known)
      : Promise.all(makers.map(async (maker) => maker)).then(held);
  }

  return {
    principalOf(credential) {
      const text = readKeyText(credential);
      if (!text) return undefined;
      const found = find(text.keyId);
      const entry = entryOf(text.keyId);
      return found instanceof Promise
        ? found.then((key) => admit(entry, key, text))
        : admit(entry, found, text);
    },
    find,
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
  if (!enabled) throw refusal('The API key, or one that made it, is disabled.');
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
