import type { Config } from '../../lib/config/schema.ts';
import type { StoredData } from '../data/stored-data.ts';
import type { ServiceFunction } from '../lambda/service-function.ts';
import type { Network } from '../network/network.ts';
import type { Stage } from '../stages.ts';
import type { WorkQueue } from './work-queue.ts';

/** A distribution, and the buckets that it serves, as `stowage.json` calls them. */
export interface ServedByCdn {
  readonly distributionId: string;
  readonly buckets: readonly string[];
}

/** What the functions beside the API are wired to. */
export interface WorkerContext {
  readonly stage: Stage;
  readonly config: Config;
  readonly data: StoredData;
  readonly network?: Network | undefined;
  /** CloudFront, where it serves some of the buckets. */
  readonly cdn?: ServedByCdn | undefined;
}

/** A function beside the API, as it is deployed. */
export interface Worker {
  readonly function: ServiceFunction;
  readonly queue?: WorkQueue;
  /** The EventBridge rule that fills the queue. */
  readonly ruleName?: string;
}
