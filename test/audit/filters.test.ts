import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything, resourcesOfType, richConfig, synthesize, type Template } from '../infra/templates.ts';
import { matches } from '../support/filter-pattern.ts';
import { openTestService, type TestService } from '../support/service.ts';

describe('the metric filters of the audit log', () => {
  const { stacks, data } = synthesize('prod', richConfig, everything);
  const ops: Template = stacks['Ops'] ?? data;
  const patterns = resourcesOfType(ops, 'AWS::Logs::MetricFilter')
    .map(([, { Properties }]) => ({
      name: (Properties['MetricTransformations'] as [{ MetricName: string }])[0].MetricName,
      pattern: String(Properties['FilterPattern']),
    }))
    .filter(({ pattern }) => pattern.includes('"audit"'));
  const counted = (lines: readonly string[]) =>
    lines.map((line) =>
      patterns.filter(({ pattern }) => matches(pattern, JSON.parse(line))).map(({ name }) => name),
    );

  let service: TestService;
  beforeAll(async () => {
    service = await openTestService();
  });
  afterAll(() => service.stop());

  const key = { name: 'ci', grants: [{ bucket: 'files', actions: ['read'] }] };
  test.each<[string, string, unknown, readonly (readonly string[])[]]>([
    ['POST', '/v1/keys', key, [['KeyChanges', 'RootActs']]],
    ['POST', '/v1/keys', {}, [[]]],
    ['DELETE', '/v1/keys/AAAAAAAAAAAA', undefined, [[]]],
    ['DELETE', '/v1/objects/files/a', undefined, [['ObjectDeletions', 'RootActs']]],
    ['POST', '/v1/objects/files/delete', { keys: ['a', '..'] }, [['ObjectDeletions', 'RootActs'], []]],
    ['GET', '/v1/me', undefined, [['RootActs']]],
  ])('count the lines of %s %s that they are for', async (method, path, body, expected) => {
    const before = service.auditLog.length;
    await service.call(method, path, body);
    expect(counted(service.auditLog.slice(before))).toEqual(expected);
  });

  test('count nothing of the function’s other lines', () => {
    expect(counted([JSON.stringify({ level: 'error', message: 'audit /v1/keys' })])).toEqual([[]]);
  });
});
