import type { Message } from '../queue/port.ts';
import { type LaneDeps, workOnLane } from './lane-work.ts';
import type { Lanes } from './lanes.ts';
import { readMessage, wake } from './messages.ts';
import { replay } from './replay.ts';

export interface DeliveryDeps extends LaneDeps {
  readonly lanes: Lanes;
}

/** Does what a message of the queue of deliveries asks for. */
export function deliveryHandler(deps: DeliveryDeps): (message: Pick<Message, 'body'>) => Promise<void> {
  const { lanes, deliveries } = deps;
  return async ({ body }) => {
    const message = readMessage(body);
    if (message.kind === 'replay') return replay(message, deps);
    const { webhookId } = message;
    const isDone = await lanes.run(webhookId, (lane) => workOnLane(webhookId, lane, deps));
    if (!isDone) await deliveries.send([wake(webhookId)]);
  };
}
