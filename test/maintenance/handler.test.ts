import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { maintenanceHandler } from '../../lib/maintenance/handler.ts';
import { type Task, taskOf } from '../../lib/maintenance/task.ts';
import type { Records } from '../../lib/records/port.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { createLog } from '../../lib/telemetry/log.ts';
import { fullestQuotaPercent } from '../../lib/usage/fullest-quota.ts';
import { everything, resourcesOfType, richConfig, synthesize } from '../infra/templates.ts';
import { matches } from '../support/filter-pattern.ts';

/** The Lambda function of the schedule: its time, its failures, its log and the metrics that are made of it. */

let folder: string;
let records: Records;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-handler-'));
  records = await openSqliteRecords({ file: join(folder, 'records.sqlite') });
});
afterAll(async () => {
  await records.close();
  await rm(folder, { recursive: true });
});

let lines: Record<string, unknown>[];
let done: string[];
let leftMilliseconds: number;
let run = 0;
beforeEach(() => {
  lines = [];
  done = [];
  run += 1;
});

/** A task of so many steps, each of which takes so much of the function's time, and fails as it is told. */
function task(name: string, steps: number, fails?: 'once' | 'as a whole'): Task {
  return taskOf({
    name: `${run}-${name}`,
    everySeconds: 3600,
    cursor: v.number(),
    step: async (cursor = 0) => {
      if (fails === 'as a whole') throw new Error(`${name} is broken`);
      done.push(`${name}${cursor + 1}`);
      const failures = fails === 'once' && cursor === 0 ? [new Error(`${name}1 is broken`)] : [];
      return { next: cursor + 1 < steps ? cursor + 1 : undefined, counts: { settled: 1 }, failures };
    },
  });
}

function invoke(
  tasks: readonly Task[],
  measure = async (): Promise<Record<string, number>> => ({ daysSinceRotation: 3 }),
): Promise<void> {
  const handler = maintenanceHandler({
    tasks,
    measure,
    records,
    now: () => new Date(),
    log: createLog((line) => lines.push(JSON.parse(line))),
  });
  return handler({}, { getRemainingTimeInMillis: () => leftMilliseconds });
}

test('with time enough, everything is done and told', async () => {
  leftMilliseconds = 900_000;
  await invoke([task('a', 2), task('b', 1)]);
  expect(done).toEqual(['a1', 'a2', 'b1']);
  expect(lines).toMatchObject([
    { message: 'Maintenance', task: `${run}-a`, outcome: 'ended', settled: 2, failures: 0, overdueHours: 0 },
    { message: 'Maintenance', task: `${run}-b`, outcome: 'ended', settled: 1 },
    { message: 'Measured', daysSinceRotation: 3 },
  ]);
});

test('short of its time-out, each task takes one step more, and the next call goes on', async () => {
  leftMilliseconds = 59_000;
  const tasks = [task('a', 2), task('b', 2)];
  await invoke(tasks);
  expect(done).toEqual(['a1', 'b1']);
  await invoke(tasks);
  expect(done).toEqual(['a1', 'b1', 'a2', 'b2']);
  expect(lines.map(({ outcome }) => outcome)).toEqual([
    'paused',
    'paused',
    undefined,
    'ended',
    'ended',
    undefined,
  ]);
});

test('what fails makes the call fail, after the rest was done', async () => {
  leftMilliseconds = 900_000;
  await expect(
    invoke([task('a', 1, 'as a whole'), task('b', 2, 'once'), task('c', 1)]),
  ).rejects.toMatchObject({
    errors: [new Error('a is broken'), new Error('b1 is broken')],
  });
  expect(done).toEqual(['b1', 'b2', 'c1']);
  expect(lines).toContainEqual(expect.objectContaining({ task: `${run}-a`, outcome: 'failed', failures: 1 }));
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'error', error: expect.objectContaining({ message: 'a is broken' }) }),
  );
  await expect(invoke([], () => Promise.reject(new Error('no secret')))).rejects.toMatchObject({
    errors: [new Error('no secret')],
  });
});

describe('the metric filters', () => {
  const { stacks, data } = synthesize('prod', richConfig, everything);
  const filters = resourcesOfType(stacks['Ops'] ?? data, 'AWS::Logs::MetricFilter')
    .map(([, { Properties }]) => Properties)
    .filter(({ LogGroupName }) => JSON.stringify(LogGroupName).includes('MaintenanceLogs'))
    .map(({ FilterPattern, MetricTransformations }) => ({
      pattern: String(FilterPattern),
      ...(MetricTransformations as [{ MetricName: string; MetricValue: string }])[0],
    }));

  test('make metrics of the figures in these lines', async () => {
    leftMilliseconds = 900_000;
    const comparing: Task = {
      name: `${run}-comparing`,
      everySeconds: 1,
      step: async () => ({ counts: { driftBytes: 12 }, failures: [] }),
    };
    const measure = async () => ({ daysSinceRotation: 3, storageQuotaUsedPercent: 81 });
    await invoke([task('a', 2), comparing], measure);
    const metrics = lines.flatMap((line) =>
      filters
        .filter(({ pattern }) => matches(pattern, line))
        .map(({ MetricName, MetricValue }) => [MetricName, line[MetricValue.replace('$.', '')]]),
    );
    expect(metrics).toEqual([
      ['MaintenanceOverdueHours', 0],
      ['MaintenanceFailures', 0],
      ['ReservationsSettled', 2],
      ['MaintenanceOverdueHours', 0],
      ['MaintenanceFailures', 0],
      ['UsageDriftBytes', 12],
      ['DaysSinceRotation', 3],
      ['StorageQuotaUsedPercent', 81],
    ]);
  });
});

test('the fullest quota is that of the tenant that is nearest to it, by bytes or by objects', async () => {
  const config = parseConfig({
    buckets: { first: {}, second: {}, free: {} },
    quotas: [
      { tenant: '*', bucket: 'first', maxBytes: 1000, maxObjects: 100 },
      { tenant: 'large', bucket: 'first', maxBytes: 100_000 },
      { tenant: '*', bucket: 'second', maxObjects: 10 },
      { tenant: 'boundless', bucket: 'second' },
    ],
  });
  const take = (bucket: string, tenant: string, takenBytes: number, takenObjects: number) =>
    records.add({
      partition: `usage/${bucket}`,
      sort: `tenant/${tenant}`,
      deltas: { takenBytes, takenObjects },
    });
  expect(await fullestQuotaPercent(config, records)).toBe(0);
  await take('first', 'small', 500, 1);
  await take('first', 'large', 5000, 1);
  expect(await fullestQuotaPercent(config, records)).toBe(50);
  await take('second', 'boundless', 1, 1_000_000);
  await take('free', 'small', 1, 1_000_000);
  await take('second', 'small', 1, 9);
  expect(await fullestQuotaPercent(config, records)).toBe(90);
});
