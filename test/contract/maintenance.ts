import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type Run, type RunLimits, runTask } from '../../lib/maintenance/run.ts';
import { type Step, type Task, taskOf } from '../../lib/maintenance/task.ts';
import type { Records } from '../../lib/records/port.ts';

export interface MaintenanceUnderTest {
  readonly open: (now: () => Date) => Promise<Records>;
  /** What `holding-process.ts` takes to reach the same records. */
  readonly reach: readonly string[];
}

const everySeconds = 600;
const leaseSeconds = 120;

/** What keeps tasks from being done twice, and lets them go on, over whatever keeps records. */
export function describeMaintenance(name: string, { open, reach }: MaintenanceUnderTest): void {
  describe(`maintenance over ${name}`, () => {
    let time = Date.parse('2026-11-25T12:00:00Z');
    const now = () => new Date(time);
    const pass = (seconds: number) => {
      time += seconds * 1000;
    };
    const steps = (done: number[], last: number): Task => counting(randomUUID(), done, last);

    async function withRecords(work: (run: typeof runTask, records: Records) => Promise<void>) {
      const records = await open(now);
      try {
        await work(runTask, records);
      } finally {
        await records.close();
      }
    }
    const run = (records: Records, task: Task, limits: Partial<RunLimits> = {}): Promise<Run> =>
      runTask(task, { records, now }, { budgetSeconds: 60, ...limits });

    test('a pass is made, and then none until its time has come', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const task = steps(done, 3);
        expect(await run(records, task)).toMatchObject({ outcome: 'ended', counts: { steps: 3 } });
        pass(everySeconds - 1);
        expect(await run(records, task)).toMatchObject({ outcome: 'resting', overdueHours: 0 });
        pass(1);
        expect(await run(records, task)).toMatchObject({ outcome: 'ended' });
        expect(done).toEqual([1, 2, 3, 1, 2, 3]);
      }));

    test('a budget that ends in the middle lets the next run go on from there', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const task = steps(done, 3);
        expect(await run(records, task, { budgetSeconds: 0 })).toMatchObject({ outcome: 'paused' });
        expect(done).toEqual([1]);
        pass(7200);
        expect(await run(records, task, { budgetSeconds: 0 })).toMatchObject({
          outcome: 'paused',
          overdueHours: 2,
        });
        expect(await run(records, task, { budgetSeconds: 0 })).toMatchObject({
          outcome: 'ended',
          overdueHours: 0,
        });
        expect(done).toEqual([1, 2, 3]);
      }));

    test('a signal ends it behind the step that is under way', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const stopping = new AbortController();
        const task = steps(done, 3);
        const stoppedInTwo: Task = {
          ...task,
          step: (cursor) => {
            if (cursor === 1) stopping.abort();
            return task.step(cursor);
          },
        };
        expect(await run(records, stoppedInTwo, { signal: stopping.signal })).toMatchObject({
          outcome: 'paused',
        });
        expect(done).toEqual([1, 2]);
      }));

    test('of many at once one does it', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const task = steps(done, 5);
        const runs = await Promise.all(Array.from({ length: 10 }, () => run(records, task)));
        const outcomes = runs.map(({ outcome }) => outcome).toSorted();
        expect(done).toEqual([1, 2, 3, 4, 5]);
        expect(outcomes.filter((outcome) => outcome === 'ended')).toHaveLength(1);
        expect(outcomes.every((outcome) => outcome !== 'failed')).toBe(true);
      }));

    test('of several processes at once one does it, and the lock of one that was killed ends', async () => {
      const task = `killed-${randomUUID()}`;
      const children = ['a', 'b', 'c'].map((child) =>
        spawn(
          process.execPath,
          ['test/maintenance/holding-process.ts', task, String(time), child, ...reach],
          {
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        ),
      );
      let said = '';
      const holds = new Promise<void>((resolve) => {
        for (const { stdout } of children) {
          stdout.on('data', (chunk: Buffer) => {
            said += chunk.toString();
            const others = said.match(/locked|failed/g) ?? [];
            if (said.includes('step 3') && others.length === 2) resolve();
          });
        }
      });
      await holds;
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(
        children
          .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
          .map((child) => once(child, 'close')),
      );
      expect(said.match(/step \d/g)).toEqual(['step 1', 'step 2', 'step 3']);

      await withRecords(async (_, records) => {
        const done: number[] = [];
        const goesOn = counting(task, done, 5);
        expect(await run(records, goesOn)).toMatchObject({ outcome: 'locked' });
        pass(leaseSeconds - 1);
        expect(await run(records, goesOn)).toMatchObject({ outcome: 'locked' });
        pass(1);
        expect(await run(records, goesOn)).toMatchObject({ outcome: 'ended' });
        // The third was under way: it is done again.
        expect(done).toEqual([3, 4, 5]);
      });
    });

    test('one that was thought to be dead learns of it, and changes nothing any more', () =>
      withRecords(async (_, records) => {
        const slow = Promise.withResolvers<void>();
        const started = Promise.withResolvers<void>();
        const done: number[] = [];
        const task = steps(done, 3);
        const hanging: Task = {
          ...task,
          step: async (cursor) => {
            started.resolve();
            await slow.promise;
            return task.step(cursor);
          },
        };
        const first = run(records, hanging);
        await started.promise;
        pass(leaseSeconds);
        expect(await run(records, task)).toMatchObject({ outcome: 'ended' });
        slow.resolve();
        expect(await first).toMatchObject({ outcome: 'locked' });
        expect(done).toEqual([1, 2, 3, 1]);
        expect(await run(records, task)).toMatchObject({ outcome: 'resting' });
      }));

    describe('a clock that jumps', () => {
      const day = 86_400;

      test.each([day, -day])('by %i seconds in the middle of a run does not end it', (seconds) =>
        withRecords(async (_, records) => {
          const done: number[] = [];
          const task = steps(done, 3);
          const jumping: Task = {
            ...task,
            step: (cursor) => {
              if (cursor === 1) pass(seconds);
              return task.step(cursor);
            },
          };
          expect(await run(records, jumping)).toMatchObject({ outcome: 'ended' });
          expect(done).toEqual([1, 2, 3]);
          expect(await run(records, task)).toMatchObject({ outcome: 'resting' });
        }),
      );

      test('back leaves no lock behind that lasts until then', () =>
        withRecords(async (_, records) => {
          const done: number[] = [];
          const task = steps(done, 2);
          const started = Promise.withResolvers<void>();
          const forever = Promise.withResolvers<Step>();
          const dead = run(records, { ...task, step: () => (started.resolve(), forever.promise) });
          await started.promise;
          pass(-day);
          expect(await run(records, task)).toMatchObject({ outcome: 'ended' });
          expect(done).toEqual([1, 2]);
          forever.reject(new Error('ended'));
          expect(await dead).toMatchObject({ outcome: 'failed' });
        }));

      test('back makes due what has ended in what is the future by now', () =>
        withRecords(async (_, records) => {
          const task = steps([], 1);
          await run(records, task);
          pass(-day);
          expect(await run(records, task)).toMatchObject({ outcome: 'ended' });
        }));

      test('between machines, by less than a lease, leaves a lock what it is', () =>
        withRecords(async (_, records) => {
          const task = steps([], 1);
          const started = Promise.withResolvers<void>();
          const slow = Promise.withResolvers<Step>();
          const first = run(records, { ...task, step: () => (started.resolve(), slow.promise) });
          await started.promise;
          const behind = { records, now: () => new Date(time - 30_000) };
          expect(await runTask(task, behind, { budgetSeconds: 60 })).toMatchObject({ outcome: 'locked' });
          slow.resolve({ counts: {}, failures: [] });
          expect(await first).toMatchObject({ outcome: 'ended' });
        }));
    });

    test('a step that fails is tried again by the next run, at once', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const task = steps(done, 3);
        let isBroken = true;
        const breaking: Task = {
          ...task,
          step: async (cursor) => {
            if (cursor === 1 && isBroken) throw new Error('no storage');
            return task.step(cursor);
          },
        };
        const failed = await run(records, breaking);
        expect(failed).toMatchObject({ outcome: 'failed', failures: [new Error('no storage')] });
        isBroken = false;
        expect(await run(records, breaking)).toMatchObject({ outcome: 'ended' });
        expect(done).toEqual([1, 2, 3]);
      }));

    test('single things that fail are told, and hold up nothing', () =>
      withRecords(async (_, records) => {
        const task = steps([], 3);
        const failing: Task = {
          ...task,
          step: async (cursor) => ({ ...(await task.step(cursor)), failures: [new Error('one')] }),
        };
        const result = await run(records, failing);
        expect(result).toMatchObject({ outcome: 'ended' });
        expect(result.failures).toHaveLength(3);
      }));

    test('another scope makes a pass due at once, and once', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const task = steps(done, 1);
        expect(await run(records, { ...task, scope: 'a' })).toMatchObject({ outcome: 'ended' });
        expect(await run(records, { ...task, scope: 'a' })).toMatchObject({ outcome: 'resting' });
        expect(await run(records, { ...task, scope: 'a,b' })).toMatchObject({ outcome: 'ended' });
        expect(await run(records, { ...task, scope: 'a,b' })).toMatchObject({ outcome: 'resting' });
        expect(done).toEqual([1, 1]);
      }));

    test('a cursor that an older version has left begins anew', () =>
      withRecords(async (_, records) => {
        const done: number[] = [];
        const task = steps(done, 2);
        const old: Task = { ...task, step: async () => ({ next: { page: 'x' }, counts: {}, failures: [] }) };
        expect(await run(records, old, { budgetSeconds: 0 })).toMatchObject({ outcome: 'paused' });
        expect(await run(records, task)).toMatchObject({ outcome: 'ended' });
        expect(done).toEqual([1, 2]);
      }));
  });
}

/** A task of so many steps, which notes each. */
function counting(name: string, done: number[], last: number): Task {
  return taskOf({
    name,
    everySeconds,
    cursor: v.number(),
    step: async (cursor = 0) => {
      const number = cursor + 1;
      done.push(number);
      return { next: number < last ? number : undefined, counts: { steps: 1 }, failures: [] };
    },
  });
}
