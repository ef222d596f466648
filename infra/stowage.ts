import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { parseConfig } from '../lib/config/load.ts';
import type { ConfigInput } from '../lib/config/schema.ts';
import { Service } from './api/service.ts';
import { StoredData } from './data/stored-data.ts';
import { Workers } from './events/workers.ts';
import { entriesWithCode } from './lambda/entries.ts';
import { Network } from './network/network.ts';
import { checkStage } from './stage-check.ts';
import type { Stage } from './stages.ts';

/** What can be chosen of a {@link Stage}; the rest belongs to whole stacks. */
type StageProps = Partial<
  Pick<
    Stage,
    | 'logRetention'
    | 'throttle'
    | 'reservedConcurrency'
    | 'warmInstances'
    | 'frontDoor'
    | 'canary'
    | 'runTimeFlags'
    | 'network'
    | 'backup'
    | 'mutualTls'
  >
>;

export interface StowageProps extends StageProps {
  /** What would stand in `stowage.json`. */
  readonly config: ConfigInput;
  /** By what AWS's lists tell it from another in the account. Default: the id of the construct, in lower case. */
  readonly name?: string;
}

/**
 * Stowage as a part of an app that there is already: its data, its API and its workers, in the stack of the caller.
 *
 * @example
 * const storage = new Stowage(this, 'Storage', { config: { buckets: { media: { versioning: true } } } });
 * new CfnOutput(this, 'StorageUrl', { value: storage.url });
 *
 * @throws ConfigError when the configuration is not valid, with every fault
 * @throws RangeError when the settings contradict each other or the configuration
 */
export class Stowage extends Construct {
  /** Where the API answers. */
  readonly url: string;
  /** By their names in the configuration. What holds data is kept when the stack goes. */
  readonly buckets: ReadonlyMap<string, Bucket>;
  /** The secret that holds the API key with every grant. */
  readonly rootKeySecretArn: string;
  readonly data: StoredData;
  readonly service: Service;
  readonly workers: Workers;

  constructor(
    scope: Construct,
    id: string,
    { config: input, name = id.toLowerCase(), ...chosen }: StowageProps,
  ) {
    super(scope, id);
    const config = parseConfig(input, `config of ${this.node.path}`);
    const stage: Stage = { ...defaults, ...chosen, name };
    checkStage(stage, config);
    const entries = entriesWithCode();

    this.data = new StoredData(this, 'Data', { stage, config });
    const { data } = this;
    const network = stage.network ? new Network(this, 'Network', { stage, data }) : undefined;
    this.workers = new Workers(this, 'Workers', { stage, config, data, network, entries });
    this.service = new Service(this, 'Service', { stage, config, data, network });

    this.url = this.service.url;
    this.buckets = data.buckets;
    this.rootKeySecretArn = data.rootKeySecret.arn;
  }
}

const defaults: Omit<Stage, 'name'> = {
  logRetention: RetentionDays.ONE_MONTH,
  // The stack is the caller's.
  terminationProtection: false,
  throttle: { requestsPerSecond: 100, burstRequests: 200 },
  frontDoor: 'http',
  canary: false,
  runTimeFlags: false,
  network: false,
  backup: false,
};
