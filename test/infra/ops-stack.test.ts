import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolve } from './resolve.ts';
import {
  everything,
  onlyResource,
  resourcesOfType,
  richConfig,
  synthesize,
  type Template,
} from './templates.ts';

const { data, stacks } = synthesize('prod', richConfig, everything);
const stack = (part: string): Template => stacks[part] ?? data;
const templates = [stack('Ops'), stack('Edge')];
const alarms = templates.flatMap((template) => resourcesOfType(template, 'AWS::CloudWatch::Alarm'));
const idOf = (description: unknown) => /"([^"]+)"\.$/.exec(String(description))?.[1] ?? '';

/** When each goes off: above what, how often within how many periods of how many seconds. */
const expected: Readonly<Record<string, readonly [above: number, breaching: number, of: number]>> = {
  ApiServerErrors: [1, 2, 3],
  ApiClientErrors: [5, 5, 5],
  ApiLatency: [2500, 5, 5],
  FunctionErrors: [1, 2, 3],
  FunctionThrottles: [0, 2, 3],
  FunctionDuration: [23_200, 2, 3],
  AccountConcurrency: [80, 2, 3],
  'QueueAge-object-events': [300, 2, 3],
  'QueueAge-webhook-delivery': [300, 2, 3],
  'QueueAge-cdn-invalidation': [300, 2, 3],
  'DeadLetters-object-events': [0, 1, 1],
  'DeadLetters-webhook-delivery': [0, 1, 1],
  'DeadLetters-cdn-invalidation': [0, 1, 1],
  'WorkerErrors-object-events': [0, 2, 3],
  'WorkerErrors-webhook-delivery': [0, 2, 3],
  'WorkerErrors-maintenance': [0, 1, 1],
  'WorkerErrors-rotate-secret': [0, 1, 1],
  'WorkerErrors-cdn-invalidation': [0, 2, 3],
  'EventsNotDelivered-object-events': [0, 2, 3],
  'EventsNotDelivered-cdn-invalidation': [0, 2, 3],
  'ReplicationFailures-media': [0, 2, 3],
  'ReplicationDelay-media': [900, 2, 3],
  EdgeServerErrors: [1, 2, 3],
  TableThrottles: [0, 2, 3],
  TableErrors: [0, 2, 3],
  RotationAge: [35, 1, 1],
  BackupFailures: [0, 1, 1],
  MaintenanceOverdue: [24, 1, 1],
  StorageQuota: [80, 1, 1],
  AuthenticationFailures: [100, 1, 1],
  AccessRefusals: [100, 1, 1],
  RateRefusals: [500, 1, 1],
  KeyChanges: [20, 1, 1],
  ObjectDeletions: [10_000, 1, 1],
  RootActs: [100, 1, 1],
};

describe('the alarms', () => {
  test('are these, each with its threshold', () => {
    const found = alarms.map(([, { Properties }]) => [
      idOf(Properties['AlarmDescription']),
      [Properties['Threshold'], Properties['DatapointsToAlarm'], Properties['EvaluationPeriods']],
    ]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('are silent where there is nothing to measure, and tell when it is over', () => {
    for (const [id, { Properties }] of alarms) {
      expect(Properties, id).toMatchObject({
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: expect.stringMatching(/^Topic/) }],
        OKActions: [{ Ref: expect.stringMatching(/^Topic/) }],
      });
    }
  });

  test('each have a section in the runbook, and it has no other', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../infra/ops/RUNBOOK.md'), 'utf8');
    const sections = [...runbook.matchAll(/^### (.*)$/gm)].map(([, title]) => String(title));
    const kinds = Object.keys(expected).map((id) => id.replace(/-.*$/, ''));
    expect(sections.toSorted()).toEqual([...new Set(kinds)].toSorted());
  });

  test('of the canary page nobody', () => {
    const canary = resourcesOfType(stack('Api'), 'AWS::CloudWatch::Alarm');
    expect(canary).toHaveLength(2);
    for (const [, { Properties }] of canary) expect(Properties).not.toHaveProperty('AlarmActions');
  });
});

test.each(templates)('who is told: an address, by a topic that AWS alone may write to', (template) => {
  const { Statement = [] } = onlyResource(template, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument ?? {};
  const allowed = resolve(
    Statement.filter(({ Effect }) => Effect === 'Allow'),
    [template],
  );
  expect(allowed).toEqual([
    expect.objectContaining({
      Action: 'sns:Publish',
      Principal: { Service: ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com'] },
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    }),
  ]);
  expect(onlyResource(template, 'AWS::SNS::Subscription').Properties).toMatchObject({
    Protocol: 'email',
    Endpoint: 'stowage-prod@example.com',
  });
});

test('security events are counted in the logs of the API, and maintenance in its own', () => {
  const filters = resourcesOfType(stack('Ops'), 'AWS::Logs::MetricFilter').map(([, { Properties }]) =>
    resolve(Properties, [stack('Ops'), stack('Api'), stack('Events')]),
  );
  const ofMaintenance = filters.filter(({ LogGroupName }) => LogGroupName === 'MaintenanceLogs');
  // test/maintenance/handler.test.ts holds them against the function's lines.
  expect(ofMaintenance).toHaveLength(6);
  const ofApi = filters.filter((filter) => !ofMaintenance.includes(filter));
  expect(ofApi.map(({ FilterPattern, LogGroupName }) => [FilterPattern, LogGroupName])).toEqual([
    ['{ $.status = "401" }', 'FrontDoorAccessLogs'],
    ['{ $.status = "403" }', 'FrontDoorAccessLogs'],
    ['{ $.status = "429" }', 'FrontDoorAccessLogs'],
    // Those of the audit log: test/audit/filters.test.ts holds them against its lines.
    [expect.stringContaining('"audit"'), 'ApiLogs'],
    [expect.stringContaining('"audit"'), 'ApiLogs'],
    [expect.stringContaining('"audit"'), 'ApiLogs'],
  ]);
});

test('the budget is that of the stage, told by its tag', () => {
  expect(onlyResource(stack('Ops'), 'AWS::Budgets::Budget').Properties).toMatchObject({
    Budget: {
      BudgetLimit: { Amount: 1_000, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:stowage:stage$prod'] },
    },
    NotificationsWithSubscribers: [
      { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
      { Notification: { NotificationType: 'ACTUAL', Threshold: 80 } },
    ],
  });
});

test('the dashboard shows every alarm, the API, the function, the data and the queues', () => {
  const body = JSON.stringify(onlyResource(stack('Ops'), 'AWS::CloudWatch::Dashboard').Properties);
  for (const title of ['Alarms', 'Requests', 'Its faults', 'Bytes kept', 'Waiting for object-events']) {
    expect(body).toContain(title);
  }
});

test('the saved queries ask logs that there are', () => {
  const queries = resourcesOfType(stack('Ops'), 'AWS::Logs::QueryDefinition');
  expect(queries).toHaveLength(7);
  for (const [, { Properties }] of queries) {
    const [group] = resolve(Properties['LogGroupNames'] as unknown[], [stack('Ops'), stack('Api')]);
    expect(['FrontDoorAccessLogs', 'ApiLogs']).toContain(group);
  }
});
