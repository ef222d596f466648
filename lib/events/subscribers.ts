import { createRevocations } from '../access/revocations.ts';
import type { Config } from '../config/schema.ts';
import { inspectObjects } from '../inspection/inspect.ts';
import type { Scanner } from '../inspection/scanner.ts';
import { createQuarantine } from '../quarantine/quarantine.ts';
import type { Queue } from '../queue/port.ts';
import type { Records } from '../records/port.ts';
import type { Storage } from '../storage/storage.ts';
import type { Log } from '../telemetry/log.ts';
import { confirmUploads } from '../uploads/confirm.ts';
import { followUsage } from '../usage/follow.ts';
import { createUsage } from '../usage/usage.ts';
import { lostAuthority } from '../webhooks/authority.ts';
import { webhookSubscriber } from '../webhooks/subscriber.ts';
import { feedEvents } from './feed.ts';
import type { Subscriber } from './subscriber.ts';

/** All that subscribers work with. */
export interface SubscriberDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly records: Records;
  /** The queue of webhook deliveries. */
  readonly deliveries: Pick<Queue, 'send'>;
  /** Who looks for malware, where buckets ask for it. Default: GuardDuty, which sends events of its own. */
  readonly scanner?: Scanner | undefined;
  /** The team's own function, where it runs in this process. */
  readonly own?: Subscriber | undefined;
  readonly log: Log;
  readonly now: () => Date;
}

/** Everybody who is told of events, the same on every host: a line each. */
export function createSubscribers(deps: SubscriberDeps): readonly Subscriber[] {
  const { config, records, now } = deps;
  const quarantine = createQuarantine(deps);
  const revocations = createRevocations(records, config, now);
  return [
    confirmUploads({ ...deps, usage: createUsage(deps), quarantine }),
    inspectObjects({ ...deps, quarantine }),
    followUsage(deps),
    webhookSubscriber({ ...deps, lostAuthority: lostAuthority({ records, revocations, now }) }),
    feedEvents(deps),
    ...(deps.own ? [deps.own] : []),
  ];
}
