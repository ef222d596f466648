import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** One AWS environment: everything in which it differs from the others. */
export interface Stage {
  readonly name: string;
  /** How long the logs of the function, of the API and of the buckets are kept. */
  readonly logRetention: RetentionDays;
  /** Whether CloudFormation refuses to delete the stacks. */
  readonly terminationProtection: boolean;
  /** What the API takes in all before it answers 429. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burstRequests: number };
  /** Instances of the API function at most; no other function can take them. Default: the pool of the account. */
  readonly reservedConcurrency?: number;
}

const stages: readonly Stage[] = [
  {
    name: 'dev',
    logRetention: RetentionDays.ONE_WEEK,
    terminationProtection: false,
    throttle: { requestsPerSecond: 50, burstRequests: 100 },
  },
  {
    name: 'staging',
    logRetention: RetentionDays.ONE_MONTH,
    terminationProtection: true,
    throttle: { requestsPerSecond: 200, burstRequests: 400 },
  },
  {
    name: 'prod',
    logRetention: RetentionDays.ONE_YEAR,
    terminationProtection: true,
    throttle: { requestsPerSecond: 1_000, burstRequests: 2_000 },
    // Of the 1,000 that an account has unless it asks for more: a flood here leaves the rest for others.
    reservedConcurrency: 400,
  },
];

/** @throws RangeError when there is no such stage */
export function stageNamed(name: string): Stage {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage) return stage;
  throw new RangeError(
    `There is no stage "${name}". Stages: ${stages.map((candidate) => candidate.name).join(', ')}.`,
  );
}
