import * as v from 'valibot';
import { identified, type ObjectEvent } from '../../lib/events/object-event.ts';
import type { Subscriber } from '../../lib/events/subscriber.ts';
import { createSubscribers } from '../../lib/events/subscribers.ts';
import { createRevocations } from '../../lib/access/revocations.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { startWork } from '../../lib/queue/work.ts';
import { lostAuthority } from '../../lib/webhooks/authority.ts';
import { deliveryWork } from '../../lib/webhooks/delivery-work.ts';
import { deliveriesAnswer } from '../../lib/webhooks/delivery-schema.ts';
import { type Lanes, processLanes } from '../../lib/webhooks/lanes.ts';
import { newWebhookAnswer, webhookAnswer } from '../../lib/webhooks/schema.ts';
import { wakeOverdue } from '../../lib/webhooks/overdue.ts';
import type { Resolve } from '../../lib/webhooks/target.ts';
import { openTestService, type TestService } from '../support/service.ts';

/** The service in this process, with a worker for its deliveries that may be stopped, and events made up at will. */
export interface Delivering {
  readonly service: TestService;
  readonly webhooks: Subscriber;
  readonly make: (command: Readonly<Record<string, unknown>>, credential?: string) => Promise<MadeWebhook>;
  readonly look: (webhookId: string) => Promise<v.InferOutput<typeof webhookAnswer>>;
  readonly deliveries: (webhookId: string) => Promise<v.InferOutput<typeof deliveriesAnswer>['deliveries']>;
  /** Tells the subscriber of so many changes at once. @returns their ids */
  readonly change: (count: number, key?: string) => Promise<readonly string[]>;
  readonly startWorker: () => void;
  readonly stopWorker: () => Promise<void>;
  /** What runs from time to time. */
  readonly wakeOverdue: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export type MadeWebhook = v.InferOutput<typeof newWebhookAnswer>;

export async function openDelivering(
  lanes: Lanes = processLanes(),
  resolveHost?: Resolve,
): Promise<Delivering> {
  const configuration = { buckets: { files: {}, media: {} } };
  const service = await openTestService(configuration, {
    webhooksMayLoop: true,
    ...(resolveHost && { resolveHost }),
  });
  const { records, deliveries, storage, now } = service;
  const config = parseConfig(configuration);
  const log = service.record;
  const revocations = createRevocations(records, config, now);
  const deps = {
    records,
    deliveries,
    log,
    now,
    lanes,
    posting: { allowLoopback: true, timeoutSeconds: 2, resolve: resolveHost },
    lostAuthority: lostAuthority({ records, revocations, now }),
  };
  const [webhooks] = createSubscribers({ config, storage, records, deliveries, log, now }).filter(
    ({ name }) => name === 'webhooks',
  );
  if (!webhooks) throw new Error('nobody subscribes for webhooks');
  let stopWork: (() => Promise<void>) | undefined;
  let changes = 0;

  const eventOf = (key: string): ObjectEvent => {
    changes += 1;
    return identified({
      type: 'object.created',
      time: now(),
      bucket: 'files',
      key: `${key}${changes}`,
      sizeBytes: changes,
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      sequencer: changes.toString(16).padStart(16, '0'),
    });
  };

  const delivering: Delivering = {
    service,
    webhooks,
    make: async (command, credential) => {
      const response = await service.call(
        'POST',
        '/v1/webhooks',
        { bucket: 'files', ...command },
        credential,
      );
      return v.parse(newWebhookAnswer, await response.json());
    },
    look: async (webhookId) =>
      v.parse(webhookAnswer, await (await service.call('GET', `/v1/webhooks/${webhookId}`)).json()),
    deliveries: async (webhookId) => {
      const response = await service.call('GET', `/v1/webhooks/${webhookId}/deliveries?limit=100`);
      return v.parse(deliveriesAnswer, await response.json()).deliveries;
    },
    change: async (count, key = 'a/') => {
      const events = Array.from({ length: count }, () => eventOf(key));
      await Promise.all(events.map(webhooks.onEvent));
      return events.map(({ id }) => id);
    },
    startWorker: () => {
      stopWork ??= startWork(deliveryWork(deliveries, deps), { concurrency: 50, leaseSeconds: 60 });
    },
    stopWorker: async () => {
      await stopWork?.();
      stopWork = undefined;
    },
    wakeOverdue: () => wakeOverdue(deps, 0),
    stop: async () => {
      await delivering.stopWorker();
      await service.stop();
    },
  };
  delivering.startWorker();
  return delivering;
}
