import { createRevocations } from '../access/revocations.ts';
import type { Config } from '../config/schema.ts';
import type { Queue } from '../queue/port.ts';
import { startWork } from '../queue/work.ts';
import type { Records } from '../records/port.ts';
import type { Log } from '../telemetry/log.ts';
import { workingAtOnce } from '../webhooks/at-once.ts';
import { lostAuthority } from '../webhooks/authority.ts';
import { deliveryHandler, wakeOverdue } from '../webhooks/deliver.ts';
import { deliveryWork } from '../webhooks/delivery-work.ts';
import { keepConnections } from '../webhooks/kept-connections.ts';
import { processLanes } from '../webhooks/lanes.ts';
import type { TargetRules } from '../webhooks/target.ts';
import { openProcessQueue } from './queues.ts';
import { repeat } from './repeat.ts';

export interface DeliveriesDeps {
  readonly config: Config;
  readonly records: Records;
  /** Where the queue is kept. */
  readonly dataDir: string;
  /** Is the folder locked for this process? */
  readonly takesOver: boolean;
  /** Where webhooks may go. */
  readonly webhookTargets: TargetRules;
  readonly log: Log;
  readonly now: () => Date;
}

/** So many webhooks are worked on at once. */
const pace = { concurrency: 100, leaseSeconds: 60 };
const overduePauseSeconds = 60;

/** Starts what delivers webhooks in the process. `stop` lets what is under way end. */
export async function startDeliveries({
  dataDir,
  takesOver,
  webhookTargets,
  ...deps
}: DeliveriesDeps): Promise<{
  readonly deliveries: Pick<Queue, 'send'>;
  readonly stop: () => Promise<void>;
}> {
  const { config, records, log, now } = deps;
  const queue = await openProcessQueue('deliveries', dataDir, takesOver);
  const connections = keepConnections();
  const revocations = createRevocations(records, config, now);
  const delivering = {
    ...deps,
    deliveries: queue,
    posting: { ...webhookTargets, connections },
    lanes: processLanes(),
    lostAuthority: lostAuthority({ records, revocations, now }),
  };
  const work = deliveryWork(queue, delivering);
  const { deliveries, drained } = workingAtOnce(queue, { ...work, handle: deliveryHandler(delivering) });
  // Whoever was killed has left webhooks behind that are due now.
  await wakeOverdue(delivering, 0);
  const stopWork = startWork(work, pace);
  const stopWaking = repeat(
    () => wakeOverdue(delivering),
    overduePauseSeconds,
    (error) => log('error', 'Webhooks that are overdue cannot be looked for', { error }),
  );
  return {
    deliveries,
    stop: async () => {
      await stopWaking();
      await stopWork();
      await drained();
      connections.close();
      await queue.close();
    },
  };
}
