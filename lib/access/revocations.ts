import * as v from 'valibot';
import type { Config } from '../config/schema.ts';
import type { Records, StoredRecord } from '../records/port.ts';
import { remembered } from '../records/remembered.ts';
import { keyIdsOf, type Lineage, tokenIdOf } from './lineage.ts';
import type { Principal } from './principal.ts';
import { maxTokenSeconds } from './schema.ts';

/**
 * What was revoked before its time. The list is short and kept in memory, as `remembered` says: a revocation counts at
 * once in the process that took it, and everywhere else within 30 seconds, for URLs not yet issued and for uploads that
 * were begun. Where the records are out for longer than that, tokens are refused.
 */
export interface Revocations {
  /** @throws StowageError `records_unavailable` */
  readonly isRevoked: (lineage: Lineage) => boolean | Promise<boolean>;
  /** Ends all that an API key has made. */
  readonly revokeKey: (keyId: string) => Promise<void>;
  /** Lets an API key make anew; what it had made before stays revoked. */
  readonly reviveKey: (keyId: string) => Promise<void>;
  /** Ends a token and all that was made with it, as far as the caller has a say in it. */
  readonly revokeToken: (tokenId: string, caller: Principal) => Promise<void>;
}

/** In the order of time, so that hardly anything is read twice. */
const partition = 'revocations';
const pageSize = 1000;

/** So far the clocks of two processes may differ. */
const overlapMilliseconds = 120_000;

const storedEntry = v.object({ subject: v.string(), issuedUntilSeconds: v.optional(v.number()) });

interface Entry {
  /** Only what was issued until then is revoked. Default: all. */
  readonly issuedUntilSeconds?: number | undefined;
  readonly expiresAt: Date;
}

export function createRevocations(records: Records, config: Config, now: () => Date): Revocations {
  const entries = new Map<string, Entry>();
  let readUntil: Date | undefined;

  async function readNew(): Promise<ReadonlyMap<string, Entry>> {
    const startedAt = now();
    let after = readUntil && new Date(readUntil.getTime() - overlapMilliseconds).toISOString();
    do {
      const page = await records.list(partition, { limit: pageSize, ...(after !== undefined && { after }) });
      page.records.forEach(take);
      after = page.next;
    } while (after !== undefined);
    readUntil = startedAt;
    for (const [subject, { expiresAt }] of entries) if (expiresAt <= startedAt) entries.delete(subject);
    return entries;
  }

  /** Entries come in the order of time: of one subject the last one counts. */
  function take({ value, expiresAt }: Pick<StoredRecord, 'value' | 'expiresAt'>): void {
    const { subject, ...entry } = v.parse(storedEntry, value);
    entries.set(subject, { ...entry, expiresAt: expiresAt ?? new Date(8.64e15) });
  }

  async function write(subject: string, entry: Pick<Entry, 'issuedUntilSeconds'> = {}): Promise<void> {
    const time = now();
    const record = {
      value: { subject, ...entry },
      expiresAt: new Date(time.getTime() + longestLifeSeconds(config) * 1000),
    };
    await records.put({ partition, sort: `${time.toISOString()} ${subject}`, ...record });
    take(record);
  }

  const list = remembered(readNew, now);
  const isListed = (known: ReadonlyMap<string, Entry>, lineage: Lineage) =>
    known.size > 0 &&
    subjectsOf(lineage).some(({ subject, atSeconds = 0 }) => {
      const entry = known.get(subject);
      return entry !== undefined && atSeconds <= (entry.issuedUntilSeconds ?? Infinity);
    });

  return {
    isRevoked(lineage) {
      const known = list();
      return known instanceof Promise
        ? known.then((map) => isListed(map, lineage))
        : isListed(known, lineage);
    },
    revokeKey: (keyId) => write(keySubject(keyId)),
    reviveKey: (keyId) =>
      write(keySubject(keyId), { issuedUntilSeconds: Math.floor(now().getTime() / 1000) }),
    revokeToken: (tokenId, caller) => write(tokenSubject(tokenId, scopeOf(tokenId, caller))),
  };
}

/** Nothing that was made lives longer than this. */
function longestLifeSeconds({ buckets }: Config): number {
  const uploadDays = Math.max(
    ...Object.values(buckets).map(({ abandonedUploadDays }) => abandonedUploadDays),
  );
  return Math.max(maxTokenSeconds, uploadDays * 86_400) + 3600;
}

/**
 * Root, and who ends its own token, has a say in it whoever made it; a server in what its key made, also by others;
 * everybody else in their tenant.
 */
function scopeOf(tokenId: string, { kind, sub, tenant, lineage }: Principal): string {
  if (kind === 'root' || (kind === 'token' && tokenIdOf(lineage) === tokenId)) return everywhere;
  return kind === 'key' ? keyScope(sub) : tenantScope(tenant);
}

/** All by which a lineage may stand on the list. */
function subjectsOf(lineage: Lineage): readonly { subject: string; atSeconds?: number }[] {
  const scopes = [everywhere, tenantScope(lineage.tenant), ...keyIdsOf(lineage).map(keyScope)];
  return lineage.links.flatMap((link) =>
    'keyId' in link
      ? [{ subject: keySubject(link.keyId), atSeconds: link.atSeconds }]
      : scopes.map((scope) => ({ subject: tokenSubject(link.tokenId, scope) })),
  );
}

const everywhere = '';
const keyScope = (keyId: string) => `of key ${keyId}`;
/** No tenant is named by an empty text. */
const tenantScope = (tenant = '') => `of tenant ${tenant}`;
const keySubject = (keyId: string) => `key ${keyId}`;
const tokenSubject = (tokenId: string, scope: string) => `token ${tokenId} ${scope}`;
