import { dig, textsAt } from '../dig.ts';
import type { Call } from './calls.ts';

/**
 * Whether any of the statements allows a call if one looks at actions and resources alone. What none of them names, IAM
 * denies: of the hundreds of thousands of questions that are asked about a cloud, all but a few need no simulation.
 */
export function mightAllow(
  statements: readonly unknown[],
  { action, resource }: Pick<Call, 'action' | 'resource'>,
): boolean {
  return statements.some(
    (statement) =>
      dig(statement, 'Effect') === 'Allow' &&
      names(statement, 'Action', action) &&
      names(statement, 'Resource', resource),
  );
}

/**
 * Statements of a resource that let a role in by themselves. One that speaks of the account as a whole leaves it to the
 * policy of the role.
 */
export function lettingIn(statements: readonly unknown[]): unknown[] {
  return statements.filter((statement) => {
    const accounts = textsAt(statement, 'Principal', 'AWS');
    return accounts.length === 0 || accounts.some((name) => !name.endsWith(':root'));
  });
}

function names(statement: unknown, what: 'Action' | 'Resource', name: string): boolean {
  // By exclusion, or, in the policy of a resource, not at all.
  if (dig(statement, what) === undefined) return true;
  return textsAt(statement, what).some((pattern) => matcher(pattern).test(name));
}

const matchers = new Map<string, RegExp>();

function matcher(pattern: string): RegExp {
  const known = matchers.get(pattern);
  if (known) return known;
  const made = new RegExp(`^${RegExp.escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`, 'is');
  matchers.set(pattern, made);
  return made;
}
