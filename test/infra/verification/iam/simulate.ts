import {
  type AnonymousRequestPrincipal,
  runSimulation,
  runUnsafeSimulation,
  type Simulation,
  type SimulationRequestPrincipal,
} from '@cloud-copilot/iam-simulate';

/** A policy document, resolved. */
interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly unknown[];
}

/** One question to IAM: may this principal do this? */
export interface Question {
  /** The ARN of a role, a service such as `lambda.amazonaws.com`, or nobody in particular. */
  readonly principal: string | AnonymousRequestPrincipal;
  readonly action: string;
  /** An ARN, or `*` for an action that knows no resources. */
  readonly resource: string;
  /** The account that the resource belongs to. */
  readonly account: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/** The policies that have a say. */
interface Policies {
  readonly ofPrincipal?: readonly unknown[];
  readonly ofResource?: readonly unknown[];
}

export type Decision = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

function policy(statements: readonly unknown[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}

/**
 * What IAM would answer.
 *
 * @throws Error when the question makes no sense: an action that does not exist, a resource that it does not have, a
 *   policy that IAM would not take
 */
export async function decide(question: Question, policies: Policies): Promise<Decision> {
  const { principal, action, resource, account, context = {} } = question;
  const { ofPrincipal = [], ofResource = [] } = policies;
  const requester: SimulationRequestPrincipal = principal;
  const simulation: Simulation = {
    request: {
      principal: requester,
      action,
      resource: { resource, accountId: account },
      contextVariables: Object.fromEntries(
        Object.entries({ 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', ...context }).map(
          ([name, value]) => [name, typeof value === 'string' ? value : [...value]],
        ),
      ),
    },
    identityPolicies: ofPrincipal.length > 0 ? [{ name: 'own', policy: policy(ofPrincipal) }] : [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const result = await runSimulation(
    { ...simulation, ...(ofResource.length > 0 && { resourcePolicy: policy(ofResource) }) },
    {},
  );
  if (result.resultType !== 'error') return result.overallResult;
  // An alias and a version of a function have ARNs of one form. Nothing but the role's own policy speaks of them.
  if (result.errors.message === 'multiple.resource.types') return runUnsafeSimulation(simulation, {});
  throw new Error(
    `IAM cannot tell whether ${action} on ${resource} is allowed: ${JSON.stringify(result.errors)}`,
  );
}
