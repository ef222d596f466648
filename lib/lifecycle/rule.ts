import type { TransitionClass } from './storage-classes.ts';

/**
 * A lifecycle rule: what S3's `Rule` says, in the words of the HTTP API. An object matches by its prefix, all of the
 * tags, and its size.
 */
export interface LifecycleRule {
  /** Up to 255 characters, once per bucket. */
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly sizeGreaterThanBytes?: number | undefined;
  readonly sizeLessThanBytes?: number | undefined;
  /** Current versions end: where versions are kept, under a delete marker. */
  readonly expireAfterDays?: number | undefined;
  /** The same from a day on: RFC 3339, midnight UTC. */
  readonly expireAt?: string | undefined;
  /** Whether a delete marker goes when nothing is left behind it. */
  readonly removeExpiredDeleteMarkers?: boolean | undefined;
  readonly transitions: readonly Transition[];
  readonly noncurrentVersions?: NoncurrentVersionsRule | undefined;
  readonly abortUploadsAfterDays?: number | undefined;
}

/** A rule as somebody writes it: one without an id gets one. */
export type NewLifecycleRule = Omit<LifecycleRule, 'id'> & { readonly id?: string | undefined };

/** Gives a rule without an id the next one of those that somebody makes. */
export function withId(rule: NewLifecycleRule, makeId: () => string): LifecycleRule {
  return { ...rule, id: rule.id ?? makeId() };
}

/** Current versions move to a cheaper class: so many days after they were written, or from a day on. */
export interface Transition {
  readonly afterDays?: number | undefined;
  /** RFC 3339, midnight UTC. */
  readonly at?: string | undefined;
  readonly storageClass: TransitionClass;
}

/** What becomes of a version once another has taken its place. Days count from then. */
export interface NoncurrentVersionsRule {
  readonly expireAfterDays?: number | undefined;
  /** How many of the newest non-current versions never expire. */
  readonly keepNewest?: number | undefined;
  readonly transitions: readonly NoncurrentTransition[];
}

export interface NoncurrentTransition {
  readonly afterDays: number;
  readonly keepNewest?: number | undefined;
  readonly storageClass: TransitionClass;
}
