import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../../lib/config/load.ts';
import { openEmbeddedStore } from '../../../lib/embedded/store.ts';
import { createFanOut } from '../../../lib/events/fan-out.ts';
import { objectEventWork } from '../../../lib/events/object-event-work.ts';
import { startPump } from '../../../lib/events/pump.ts';
import type { Subscriber } from '../../../lib/events/subscriber.ts';
import { createSubscribers } from '../../../lib/events/subscribers.ts';
import { startDeliveries } from '../../../lib/hosts/deliveries.ts';
import { listen } from '../../../lib/hosts/node.ts';
import type { NewMessage, Queue } from '../../../lib/queue/port.ts';
import { openSqliteQueue } from '../../../lib/queue/sqlite.ts';
import { startWork } from '../../../lib/queue/work.ts';
import { openSqliteRecords } from '../../../lib/records/sqlite.ts';
import { customEndpoint } from '../../../lib/storage/endpoint.ts';
import { createStorage } from '../../../lib/storage/storage.ts';
import { credentials, region } from '../../embedded/server.ts';

/**
 * A store with its workers, deliveries of webhooks among them, in which everything goes wrong that may: messages come twice, late and out of order, and
 * subscribers fail at random, before and after they have done their part. `node worker-process.ts FOLDER PORT`, to be
 * killed at any time.
 */
const [, , dataDir = '', port = ''] = process.argv;
const now = () => new Date();
const log = () => {};
const config = parseConfig({ buckets: { files: {} }, quotas: [{ tenant: '*', bucket: 'files' }] });
const store = await openEmbeddedStore({
  dataDir,
  credentials,
  region,
  buckets: [{ name: 'files', versioning: false }],
  corsOrigins: () => [],
  log,
});
const records = await openSqliteRecords({ file: join(dataDir, 'records.sqlite') });
const queue = await openSqliteQueue({
  file: join(dataDir, 'queue.sqlite'),
  maxAttempts: 1000,
  takesOver: true,
});
const storePort = await listen(store.server, Number(port), '127.0.0.1');
const endpoint = customEndpoint(`http://127.0.0.1:${storePort}`);
const storage = createStorage({ endpoint, region, credentials });

const troubled: Queue = {
  ...queue,
  send: (messages) => queue.send(messages.flatMap(troubledMessages).toSorted(() => Math.random() - 0.5)),
};

function troubledMessages(message: NewMessage): NewMessage[] {
  const late = { ...message, delaySeconds: 1 + Math.floor(Math.random() * 2) };
  const chance = Math.random();
  if (chance < 0.05) return [message, message];
  if (chance < 0.1) return [message, late];
  return chance < 0.2 ? [late] : [message];
}

function failAtRandom(): void {
  if (Math.random() < 0.03) throw new Error('out of luck');
}

/** Writes down what it was told. */
function witness(name: string): Subscriber {
  return {
    name,
    onEvent: async ({ id, requestId, key }) => {
      failAtRandom();
      appendFileSync(join(dataDir, `${name}.txt`), `${id} ${requestId} ${key}\n`);
      failAtRandom();
    },
  };
}

function unreliable({ name, onEvent }: Subscriber): Subscriber {
  return {
    name,
    onEvent: async (event) => {
      failAtRandom();
      await onEvent(event);
      failAtRandom();
    },
  };
}

const { deliveries } = await startDeliveries({
  config,
  records,
  dataDir,
  takesOver: true,
  webhookTargets: { allowLoopback: true },
  log,
  now,
});
const subscribers = [
  ...createSubscribers({ config, storage, records, deliveries, log, now }).map(unreliable),
  witness('first'),
  witness('second'),
];
const work = objectEventWork({ queue, log }, createFanOut({ subscribers, records, now }));
startWork(
  { ...work, backOff: { firstSeconds: 1, maxSeconds: 1 }, maxAttempts: 100 },
  { concurrency: 60, leaseSeconds: 2 },
);
startPump({ events: store.events, queue: troubled, log });
process.stdout.write(`ready ${storePort}\n`);
