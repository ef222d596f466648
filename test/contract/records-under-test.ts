import type { Records } from '../../lib/records/port.ts';

/** What the suites work with. Each test makes up partitions of its own, so that one database does for all. */
export interface RecordsUnderTest {
  readonly records: Records;
  /** The time that the records believe in; tests move it on. */
  readonly clock: { now: Date };
  /** How many calls at once the tests of concurrency make. */
  readonly crowd: number;
}

/** The time so many seconds from now. */
export function inSeconds({ clock }: RecordsUnderTest, seconds: number): Date {
  return new Date(clock.now.getTime() + seconds * 1000);
}

/** Lets so many seconds pass. */
export function pass(underTest: RecordsUnderTest, seconds: number): void {
  underTest.clock.now = inSeconds(underTest, seconds);
}
