import type { Cloud, Placed } from '../cloud.ts';
import { keyCalls } from '../iam/calls.ts';
import { ask } from '../iam/permissions.ts';
import { rolesOf } from '../iam/roles.ts';
import type { NeededPermission } from './aws-request.ts';

/**
 * Asks IAM in the name of the role that a resource works under: for the permission itself, and for those that the
 * service will ask of KMS.
 *
 * @returns nothing when it is allowed, otherwise what is not
 */
export function roleGate(
  user: Placed,
  cloud: Cloud,
): (permission: NeededPermission) => Promise<string | undefined> {
  const role = rolesOf(cloud).find(({ users }) => users.some(({ id }) => id === user.id));
  if (!role) throw new Error(`${user.id} has no role.`);
  const { account } = user.stack;
  const refusalOf = async (permission: NeededPermission) => {
    for (const call of [{ ...permission, account }, ...keyCalls(permission, cloud)]) {
      const decision = await ask(role, call, cloud);
      if (decision !== 'Allowed') return `${call.action} on ${call.resource}: ${decision}`;
    }
    return undefined;
  };
  // A cloud does not change, so that the same question has the same answer; most are asked again and again.
  const known = new Map<string, Promise<string | undefined>>();
  return (permission) => {
    const question = JSON.stringify(permission);
    const answer = known.get(question) ?? refusalOf(permission);
    known.set(question, answer);
    return answer;
  };
}
