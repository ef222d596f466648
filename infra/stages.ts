import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** One AWS environment: everything in which it differs from the others. What is left out is off, and costs nothing. */
export interface Stage {
  readonly name: string;
  /** Default: the account of whoever deploys. */
  readonly account?: string;
  /** The home region. Default: that of whoever deploys; {@link edge} and {@link replica} want it said. */
  readonly region?: string;
  /** How long the logs of the functions, of the API and of the buckets are kept. */
  readonly logRetention: RetentionDays;
  /** Whether CloudFormation refuses to delete the stacks. */
  readonly terminationProtection: boolean;
  /** What the API takes in all before it answers 429. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burstRequests: number };
  /** Instances of the API function at most; no other function can take them. Default: the pool of the account. */
  readonly reservedConcurrency?: number;
  /** Instances of the API function that are kept warm, between these by how busy they are. */
  readonly warmInstances?: { readonly atLeast: number; readonly atMost: number };
  /**
   * `http`: an HTTP API. `rest`: a regional REST API, for who needs usage plans or a WAF right before the API; it costs
   * 3.5 times as much a request.
   */
  readonly frontDoor: 'http' | 'rest';
  /** A new version gets a tenth of the calls for five minutes, and is taken back when they fail. */
  readonly canary: boolean;
  /** The flags of `stowage.json` can be changed without a deployment. What does harm is taken back by an alarm of the {@link canary}. */
  readonly runTimeFlags: boolean;
  /** The functions in a VPC without a way to the internet. Issuers of OIDC tokens are out of their reach then. */
  readonly network: boolean;
  /** Daily and monthly copies of the versioned buckets and of the table, in a vault that does not give them up early. */
  readonly backup: boolean;
  readonly replica?: ReplicaSettings;
  readonly edge?: EdgeSettings;
  /** A second domain of the API, for machines that show a client certificate. */
  readonly mutualTls?: MutualTlsSettings;
  /** Who is told when an alarm goes off. Without it there are no alarms and no dashboard. */
  readonly alarmAddress?: string;
  /** The {@link alarmAddress} hears when the month is forecast to cost more. */
  readonly monthlyBudgetDollars?: number;
  /** The GitHub repository whose workflow may deploy: `owner/name`. */
  readonly deployedBy?: string;
}

/** A copy of the versioned buckets and of the table in another region. */
export interface ReplicaSettings {
  readonly region: string;
  /** For so many days nobody without a special permission deletes a copied version. */
  readonly lockedDays: number;
}

/** CloudFront before the API, the console and the buckets that `stowage.json` gives a `cdn`. */
export interface EdgeSettings {
  readonly firewall?: {
    /** What one address may ask for in five minutes. */
    readonly requestsPerFiveMinutes: number;
  };
  /** Default: a name of CloudFront's. */
  readonly domain?: Domain;
  /**
   * By these the API knows CloudFront, and CloudFront a signed address: the first is used, both are good. To rotate: put a
   * new one second and deploy, so that it is known everywhere; put it first and deploy; take the old one away and deploy.
   */
  readonly originSecretGenerations: Generations;
  readonly signingKeyGenerations: Generations;
}

export type Generations = readonly [current: number, other?: number];

/** A name in a hosted zone of Route 53. */
export interface Domain {
  readonly name: string;
  readonly hostedZoneId: string;
  readonly hostedZoneName: string;
}

export interface MutualTlsSettings {
  readonly domain: Domain;
  /** The authorities whose certificates are taken, in PEM: `s3://bucket/key`. */
  readonly truststore: string;
}

/** Where CloudFront's certificates, firewalls and logs have to be. */
export const edgeRegion = 'us-east-1';

const exampleZone = { hostedZoneId: 'Z00000000EXAMPLE', hostedZoneName: 'example.com' };

const stages: readonly Stage[] = [
  {
    name: 'dev',
    logRetention: RetentionDays.ONE_WEEK,
    terminationProtection: false,
    throttle: { requestsPerSecond: 50, burstRequests: 100 },
    frontDoor: 'http',
    canary: false,
    runTimeFlags: false,
    network: false,
    backup: false,
  },
  {
    name: 'staging',
    region: 'us-east-1',
    logRetention: RetentionDays.ONE_MONTH,
    terminationProtection: true,
    throttle: { requestsPerSecond: 200, burstRequests: 400 },
    frontDoor: 'http',
    canary: true,
    runTimeFlags: true,
    network: false,
    backup: false,
    edge: { originSecretGenerations: [1], signingKeyGenerations: [1] },
    alarmAddress: 'stowage-staging@example.com',
    monthlyBudgetDollars: 100,
    deployedBy: 'example/stowage',
  },
  {
    name: 'prod',
    region: 'us-east-1',
    logRetention: RetentionDays.ONE_YEAR,
    terminationProtection: true,
    throttle: { requestsPerSecond: 1_000, burstRequests: 2_000 },
    // Of the 1,000 that an account has unless it asks for more: a flood here leaves the rest for others.
    reservedConcurrency: 400,
    warmInstances: { atLeast: 2, atMost: 50 },
    frontDoor: 'http',
    canary: true,
    runTimeFlags: true,
    network: true,
    backup: true,
    replica: { region: 'us-west-2', lockedDays: 30 },
    edge: {
      firewall: { requestsPerFiveMinutes: 5_000 },
      domain: { name: 'files.example.com', ...exampleZone },
      originSecretGenerations: [1],
      signingKeyGenerations: [1],
    },
    mutualTls: {
      domain: { name: 'machines.files.example.com', ...exampleZone },
      truststore: 's3://example-truststore/authorities.pem',
    },
    alarmAddress: 'stowage-prod@example.com',
    monthlyBudgetDollars: 1_000,
    deployedBy: 'example/stowage',
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
