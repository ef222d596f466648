import type { Principal } from '../access/principal.ts';
import { redactText } from '../telemetry/log.ts';

/** What is kept of an act that matters to the safety of what is stored: who, what, from where, and what came of it. */
export interface AuditEntry {
  readonly requestId?: string | undefined;
  /** A route as the contract names it (`DELETE /v1/objects/{bucket}/{key}`), or what the service does by itself. */
  readonly action: string;
  /** `refused`: by a rule; `failed`: the service could not do it, or not to the end. */
  readonly decision: 'allowed' | 'refused' | 'failed';
  /** The code of the refusal or failure, as in the answer. */
  readonly rule?: string | undefined;
  /** HTTP's. */
  readonly status?: number | undefined;
  /** Absent where nobody was known. */
  readonly principal?: AuditedPrincipal | undefined;
  readonly target?: AuditTarget | undefined;
  /** IP address. */
  readonly address?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** What an act was done to, as far as it has one of these. */
export interface AuditTarget {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly versionId?: string | undefined;
  /** How many of something, where they are not named one by one. */
  readonly count?: number | undefined;
  readonly keyId?: string | undefined;
  readonly tokenId?: string | undefined;
  readonly webhookId?: string | undefined;
  /** SHA-256 of `stowage.json`, in hex. */
  readonly configSha256?: string | undefined;
  /** Of one object among several: why it was refused. */
  readonly rule?: string | undefined;
}

export interface AuditedPrincipal {
  readonly kind: Principal['kind'] | 'operator';
  readonly sub: string;
  readonly tenant?: string | undefined;
  /** The API key that is, or has made, the credential. */
  readonly keyId?: string | undefined;
  readonly tokenId?: string | undefined;
}

/** Where lines go. @throws Error when they cannot be kept */
export type AuditSink = (lines: string) => void;

export interface Audit {
  /** Keeps the entries, or holds them back until they can be kept: see {@link Audit.isKept}. */
  readonly write: (entries: readonly AuditEntry[]) => void;
  /** Is everything kept that was written? Tries once more where it is not. */
  readonly isKept: () => boolean;
}

/** As much as is held back in memory; what comes then is lost, and its number is told by the first line afterwards. */
const maxHeldBack = 10_000;
const maxUserAgentLength = 256;

/**
 * Writes the audit log: a line of JSON for each entry, with `"type":"audit"`. No line holds a credential or a signature,
 * and nothing that somebody sends breaks out of its line or turns the direction of writing.
 *
 * @param now - the time of an entry; default: the system clock
 */
export function createAudit(sink: AuditSink, now: () => Date = () => new Date()): Audit {
  let heldBack: string[] = [];
  let lost = 0;

  function flush(): boolean {
    if (heldBack.length === 0) return true;
    try {
      const gap =
        lost > 0
          ? [lineOf({ action: 'lose audit lines', decision: 'failed', target: { count: lost } }, now())]
          : [];
      sink([...gap, ...heldBack].join(''));
      heldBack = [];
      lost = 0;
      return true;
    } catch {
      return false;
    }
  }

  return {
    write(entries) {
      const lines = entries.map((entry) => lineOf(entry, now()));
      const room = Math.max(0, maxHeldBack - heldBack.length);
      heldBack.push(...lines.slice(0, room));
      lost += Math.max(0, lines.length - room);
      flush();
    },
    isKept: flush,
  };
}

function lineOf({ userAgent, target, ...entry }: AuditEntry, now: Date): string {
  const content = {
    type: 'audit',
    time: now.toISOString(),
    ...entry,
    ...target,
    userAgent: userAgent?.slice(0, maxUserAgentLength),
  };
  const line = JSON.stringify(content, (_, value: unknown) =>
    typeof value === 'string' ? redactText(value) : value,
  );
  return `${line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeCharacter)}\n`;
}

/** JSON escapes the C0 controls alone. */
function escapeCharacter(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
