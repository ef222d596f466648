import type { Config } from '../config/schema.ts';
import type { Records } from '../records/port.ts';
import type { Storage } from '../storage/storage.ts';
import type { Log } from '../telemetry/log.ts';
import type { Subscriber } from './subscriber.ts';

/** All that subscribers work with. */
export interface SubscriberDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly records: Records;
  readonly log: Log;
  readonly now: () => Date;
}

/** Everybody who is told of events, the same on every host: a line each. */
export function createSubscribers(_deps: SubscriberDeps): readonly Subscriber[] {
  return [];
}
