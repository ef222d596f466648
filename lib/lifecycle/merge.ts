import { randomUUID } from 'node:crypto';
import { isConfiguredId } from '../config/bucket-lifecycle.ts';
import { type InputFault, StowageError } from '../errors.ts';
import { type LifecycleRule, type NewLifecycleRule, withId } from './rule.ts';
import { writeLifecycle } from './write-lifecycle.ts';

/**
 * The rules that a bucket gets: those of `stowage.json`, which nobody can take away by the API, then the given ones. A
 * rule of the configuration may be given along, as it stands in the answer to a GET.
 *
 * @throws {@link StowageError} `lifecycle_rule_reserved`, with every rule that would replace one of the configuration
 */
export function mergeLifecycle(
  configured: readonly LifecycleRule[],
  given: readonly NewLifecycleRule[],
): LifecycleRule[] {
  const faults: InputFault[] = [];
  const own: LifecycleRule[] = [];
  for (const [index, draft] of given.entries()) {
    const rule = withId(draft, () => `rule-${randomUUID()}`);
    if (!isConfiguredId(rule.id)) own.push(rule);
    else if (!configured.some((it) => it.id === rule.id && isSameLifecycle([it], [rule]))) {
      faults.push({ path: `rules[${index}].id`, message: 'is kept for a rule of stowage.json' });
    }
  }
  if (faults.length > 0) {
    throw new StowageError(
      'lifecycle_rule_reserved',
      'The rules of stowage.json are changed there; this route changes the others.',
      { errors: faults },
    );
  }
  return [...configured, ...own];
}

export function isSameLifecycle(a: readonly LifecycleRule[], b: readonly LifecycleRule[]): boolean {
  return writeLifecycle(a) === writeLifecycle(b);
}
