import { expect } from 'vitest';

/**
 * Does a line of JSON match a filter pattern of CloudWatch Logs? As far as ours go: comparisons of properties with texts,
 * which may begin or end with `*`, with regular expressions, and with `*`, which
 * stands for any value, joined by `&&`, `||` and parentheses.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export function matches(pattern: string, line: unknown): boolean {
  const valueAt = (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], line);
  const tokens = pattern.match(/\$\.[\w.]+ !?= (?:"[^"]*"|%[^%]*%|\*)|&&|\|\||[()]/g) ?? [];
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
    const [, present] = /^\$\.([\w.]+) = \*$/.exec(token) ?? [];
    if (present !== undefined) return valueAt(present) !== undefined;
    const [, path = '', negation, quote, text = ''] = /^\$\.([\w.]+) (!?)= (["%])(.*)["%]$/.exec(token) ?? [];
    const value = valueAt(path);
    const wanted = text.replaceAll(/[.?+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
    const isEqual =
      typeof value === 'string' && (quote === '%' ? new RegExp(text) : new RegExp(`^${wanted}$`)).test(value);
    return isEqual !== (negation === '!');
  };
  return disjunction();
}
