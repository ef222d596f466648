import { resolve } from './resolve.ts';
import { resourcesOfType, type Template } from './templates.ts';

/**
 * What the roles of a template may do, by the name of the policy, each permission as a line: action, resource and, where
 * there is one, the condition.
 *
 * @param templates - the one with the roles first, then those whose exports it imports
 */
export function permissionsOf(templates: readonly [Template, ...Template[]]): Record<string, string[]> {
  const [template] = templates;
  return Object.fromEntries(
    resourcesOfType(template, 'AWS::IAM::Policy').map(([id, { Properties }]) => [
      id.slice(0, -8),
      resolve(Properties.PolicyDocument?.Statement ?? [], templates)
        .flatMap(({ Effect, Action, Resource, Condition }) =>
          [Action]
            .flat()
            .flatMap((action) =>
              [Resource]
                .flat()
                .map((resource) =>
                  [
                    ...(Effect === 'Deny' ? ['Deny'] : []),
                    action,
                    resource,
                    ...(Condition ? [JSON.stringify(Condition)] : []),
                  ].join(' '),
                ),
            ),
        )
        .toSorted(),
    ]),
  );
}
