import { parseXml, type XmlNode } from '../storage/xml.ts';
import type { Services } from './call.ts';
import type { Bucket } from './index/buckets.ts';
import { invalidArgument, Refusal } from './refusal.ts';

/**
 * What keeps a version from being removed.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export interface ObjectLock {
  readonly retention?: Retention;
  readonly legalHold?: boolean;
}

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Milliseconds since 1970. */
  readonly until: number;
}

const dayMilliseconds = 86_400_000;
const headerPrefix = 'x-amz-object-lock-';
const headerNames = {
  mode: `${headerPrefix}mode`,
  until: `${headerPrefix}retain-until-date`,
  legalHold: `${headerPrefix}legal-hold`,
} as const;
const knownHeaders: readonly string[] = Object.values(headerNames);

/** A header that sets a lock, whether or not this store knows how. */
export function isLockHeader(name: string): boolean {
  return name.startsWith(headerPrefix);
}

/** An object that loses such a header is not locked, though its writer takes it to be. */
export function isUnknownLockHeader(name: string): boolean {
  return isLockHeader(name) && !knownHeaders.includes(name);
}

/** The header by which a caller may lift a governance retention. */
export function bypassesGovernance(headers: ReadonlyMap<string, string>): boolean {
  return headers.get('x-amz-bypass-governance-retention')?.toLowerCase() === 'true';
}

/**
 * Reads the lock that a new object shall have.
 *
 * @throws {@link Refusal} `InvalidArgument`
 */
export function readLockHeaders(headers: ReadonlyMap<string, string>): ObjectLock | undefined {
  const mode = headers.get(headerNames.mode);
  const until = headers.get(headerNames.until);
  const legalHold = headers.get(headerNames.legalHold);
  if (mode === undefined && until === undefined && legalHold === undefined) return undefined;
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      headerNames.mode,
      mode ?? '',
      `${headerNames.until} and ${headerNames.mode} must both be supplied`,
    );
  }
  if (legalHold !== undefined && legalHold !== 'ON' && legalHold !== 'OFF') {
    throw invalidArgument(headerNames.legalHold, legalHold, 'Legal Hold must be either of ON or OFF');
  }
  const retention = mode === undefined ? undefined : readRetention(mode, until);
  if (mode !== undefined && !retention) {
    throw invalidArgument(headerNames.mode, mode, 'Unknown wormMode directive, or a date that is none.');
  }
  return {
    ...(retention && { retention }),
    ...(legalHold !== undefined && { legalHold: legalHold === 'ON' }),
  };
}

/** The headers that tell of a lock. */
export function lockHeaders({ retention, legalHold }: ObjectLock = {}): Record<string, string> {
  return {
    ...(retention && {
      [headerNames.mode]: retention.mode,
      [headerNames.until]: new Date(retention.until).toISOString(),
    }),
    ...(legalHold !== undefined && { [headerNames.legalHold]: legalHold ? 'ON' : 'OFF' }),
  };
}

/** Dates beyond have more digits in their year than clients can read. */
const endOfTime = Date.UTC(10_000, 0, 1);

/** Nothing where the mode is unknown, or the date is none. */
export function readRetention(mode: string | undefined, until: string | undefined): Retention | undefined {
  const time = Date.parse(until ?? '');
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || !(time < endOfTime)) return undefined;
  return { mode, until: time };
}

/**
 * Checks whether a new object may have the lock that its writer asks for. Whoever may begin to write it may also end,
 * though its retention has passed by then.
 *
 * @throws {@link Refusal} where the bucket has no object lock, or the retention has ended already
 */
export function checkNewLock(
  services: Pick<Services, 'index' | 'now'>,
  bucket: Bucket,
  given: ObjectLock | undefined,
): void {
  if (!given) return;
  if (!lockConfigurationOf(services, bucket)) throw lockMissing();
  const { retention } = given;
  if (!retention || retention.until > services.now().getTime()) return;
  throw invalidArgument(
    headerNames.until,
    new Date(retention.until).toISOString(),
    'The retain until date must be in the future!',
  );
}

/** The lock that a new version of a bucket gets: its own, or the bucket's default retention. */
export function lockOfNew(
  services: Pick<Services, 'index' | 'now'>,
  bucket: Bucket,
  given: ObjectLock | undefined,
): ObjectLock | undefined {
  const byDefault = lockConfigurationOf(services, bucket)?.child('Rule')?.child('DefaultRetention');
  if (given?.retention || !byDefault) return given;
  const now = services.now().getTime();
  const days = Number(byDefault.value('Days') ?? Number(byDefault.value('Years')) * 365);
  const mode = byDefault.value('Mode') === 'COMPLIANCE' ? 'COMPLIANCE' : 'GOVERNANCE';
  return { ...given, retention: { mode, until: now + days * dayMilliseconds } };
}

/** Nothing where the bucket has no object lock. */
export function lockConfigurationOf({ index }: Pick<Services, 'index'>, { id }: Bucket): XmlNode | undefined {
  const document = index.settings.find(id, 'object-lock');
  return document === undefined ? undefined : parseXml(document);
}

export function lockMissing(): Refusal {
  return new Refusal('InvalidRequest', 'Bucket is missing Object Lock Configuration');
}

/**
 * Lets a version be removed, or its retention be weakened, where no lock forbids it.
 *
 * @param mayBypass - whether the caller lifts a governance retention
 * @throws {@link Refusal} `AccessDenied`
 */
export function checkRetention(lock: ObjectLock | undefined, now: Date, mayBypass: boolean): void {
  const { retention } = lock ?? {};
  if (!retention || retention.until <= now.getTime()) return;
  if (retention.mode === 'GOVERNANCE' && mayBypass) return;
  throw new Refusal('AccessDenied', 'Access Denied because object protected by object lock.');
}

/** @throws {@link Refusal} `AccessDenied` */
export function checkRemoval(lock: ObjectLock | undefined, now: Date, mayBypass: boolean): void {
  if (lock?.legalHold) {
    throw new Refusal('AccessDenied', 'Access Denied because object protected by object lock.');
  }
  checkRetention(lock, now, mayBypass);
}
