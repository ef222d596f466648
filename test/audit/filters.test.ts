import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything, resourcesOfType, richConfig, synthesize, type Template } from '../infra/templates.ts';
import { openTestService, type TestService } from '../support/service.ts';

/**
 * Does a line of JSON match a filter pattern of CloudWatch Logs? As far as ours go: comparisons of properties with texts,
 * which may begin or end with `*`, and with regular expressions, joined by `&&`, `||` and parentheses.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
function matches(pattern: string, line: unknown): boolean {
  const valueAt = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], line);
  const tokens = pattern.match(/\$\.[\w.]+ !?= (?:"[^"]*"|%[^%]*%)|&&|\|\||[()]/g) ?? [];
  const disjunction = (): boolean => {
    let result = conjunction();
    while (tokens[0] === '||') {
      tokens.shift();
      result = conjunction() || result;
    }
    return result;
  };
  const conjunction = (): boolean => {
    let result = comparison();
    while (tokens[0] === '&&') {
      tokens.shift();
      result = comparison() && result;
    }
    return result;
  };
  const comparison = (): boolean => {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const result = disjunction();
      expect(tokens.shift()).toBe(')');
      return result;
    }
    const [, path = '', negation, quote, text = ''] = /^\$\.([\w.]+) (!?)= (["%])(.*)["%]$/.exec(token) ?? [];
    const value = valueAt(path);
    const wanted = text.replaceAll(/[.?+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
    const isEqual =
      typeof value === 'string' && (quote === '%' ? new RegExp(text) : new RegExp(`^${wanted}$`)).test(value);
    return isEqual !== (negation === '!');
  };
  return disjunction();
}

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
