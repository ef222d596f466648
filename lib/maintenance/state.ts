import * as v from 'valibot';
import type { Records } from '../records/port.ts';
import type { Step, Task } from './task.ts';

/**
 * How far a task has come, and whether somebody is at it: one record a task. Whoever writes it names the version that it
 * has read, so that of several only one goes on, and who was taken for dead learns of it with the next step.
 */

const stateSchema = v.object({
  /** Epoch milliseconds, like all times here. Somebody is at it until then, unless that one lets go before. */
  lockedUntil: v.optional(v.number()),
  /** Absent at the beginning of a pass. */
  cursor: v.optional(v.unknown()),
  /** When the pass that is to be done, or under way, is due, or has been. */
  dueAt: v.number(),
  /** Of the last pass that has ended. */
  scope: v.optional(v.string()),
});

type StateValue = v.InferOutput<typeof stateSchema>;

export interface State extends StateValue {
  /** Absent as long as there is no record. */
  readonly version?: string;
}

const partition = 'maintenance';

/** How long a process that was killed keeps others away. Longer than any step takes. */
const leaseMilliseconds = 120_000;

export async function readState(records: Records, { name }: Task, now: number): Promise<State> {
  const record = await records.get(partition, name);
  if (!record) return { dueAt: now };
  return { ...v.parse(stateSchema, record.value), version: record.version };
}

/** @returns the state with its new version; undefined when another has written it meanwhile */
export async function writeState(
  records: Records,
  { name }: Task,
  { version, ...value }: State,
): Promise<State | undefined> {
  const condition = version === undefined ? 'absent' : { version };
  const written = await records.put({ partition, sort: name, value }, condition);
  return written === undefined ? undefined : { ...value, version: written };
}

export function locked(state: State, now: number): State {
  return { ...state, lockedUntil: now + leaseMilliseconds };
}

export function unlocked(state: State): State {
  const { lockedUntil: _, ...rest } = state;
  return rest;
}

/**
 * No lease reaches so far that it is not over soon: one that does was written by a clock that has been set back since, and
 * counts no more. Clocks of several machines may differ by as much as a lease is long.
 */
export function isLocked({ lockedUntil = 0 }: State, now: number): boolean {
  return lockedUntil > now && lockedUntil <= now + 2 * leaseMilliseconds;
}

/**
 * Also where a pass is under way, where there is something else to go over, and where the clock has been set back so far
 * that the next would come too late.
 */
export function isDue({ cursor, dueAt, scope }: State, task: Task, now: number): boolean {
  const isInTime = dueAt > now && dueAt <= now + task.everySeconds * 1000;
  return cursor !== undefined || scope !== task.scope || !isInTime;
}

/** The state behind a step. */
export function advanced(state: State, { everySeconds, scope }: Task, { next }: Step, now: number): State {
  if (next !== undefined) return { ...state, cursor: next };
  const { cursor: _, ...rest } = state;
  return { ...rest, dueAt: now + everySeconds * 1000, ...(scope !== undefined && { scope }) };
}

/** For how long a pass has been due that has not ended. */
export function overdueHours({ dueAt }: State, now: number): number {
  return Math.max(0, (now - dueAt) / 3_600_000);
}
