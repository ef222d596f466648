import { useEffect, useState } from 'preact/hooks';
import type { Delivery, Webhook } from '../../../lib/client/webhook-contract.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Fault, explain } from '../ui/fault.tsx';
import { formatTime } from '../ui/format.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { Badge } from '../ui/badge.tsx';
import { DeliveryDialog } from './delivery-dialog.tsx';
import { describeAttempt, statuses, titleOf } from './describe.ts';

export interface DeliveriesProps {
  readonly webhook: Webhook;
  /** Changes when something was sent. */
  readonly sentCount: number;
  readonly onReplayed: () => void;
}

/** What is under way is looked at again so often. */
const lookMilliseconds = 1500;

/** What was sent lately, and sending it once more. */
export function Deliveries({ webhook, sentCount, onReplayed }: DeliveriesProps) {
  const { client } = useSession();
  const announce = useAnnounce();
  const [shown, setShown] = useState<Delivery>();
  const { value, error, ask } = useAnswer(
    (signal) => client.webhooks.deliveries(webhook.webhookId, { limit: 50, signal }),
    [webhook.webhookId, sentCount],
  );
  const isPending = value?.deliveries.some(({ status }) => status === 'pending') ?? false;
  useEffect(() => {
    if (!isPending) return undefined;
    const timer = setInterval(() => document.hidden || ask(), lookMilliseconds);
    return () => clearInterval(timer);
  }, [isPending, ask]);

  const replay = async ({ deliveryId }: Delivery) => {
    try {
      await client.webhooks.replay(deliveryId);
      announce('It will be sent once more');
    } catch (cause) {
      announce(explain(cause));
    }
    setShown(undefined);
    ask();
    onReplayed();
  };

  return (
    <section aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">Deliveries of the last seven days</h2>
      {error !== undefined && <Fault error={error} onRetry={ask} />}
      {value?.deliveries.length === 0 && <p class="quiet">Nothing has been sent yet.</p>}
      {value && value.deliveries.length > 0 && (
        <ul class="deliveries">
          {value.deliveries.map((delivery) => (
            <li key={delivery.deliveryId}>
              <button type="button" class="plain" aria-haspopup="dialog" onClick={() => setShown(delivery)}>
                {titleOf(delivery.type)}
                {delivery.object && ` ${delivery.object.bucket}/${delivery.object.key}`}
              </button>
              <Badge kind={delivery.status} title={statuses[delivery.status]} />
              <p class="quiet">{describeLast(delivery)}</p>
            </li>
          ))}
        </ul>
      )}
      {shown && (
        <DeliveryDialog
          delivery={shown}
          onReplay={webhook.enabled ? () => void replay(shown) : undefined}
          onClose={() => setShown(undefined)}
        />
      )}
    </section>
  );
}

function describeLast({ attempts, nextAttemptAt }: Delivery): string {
  const last = attempts.at(-1);
  const tried = last
    ? `${formatTime(last.at)}, attempt ${attempts.length}: ${describeAttempt(last)}`
    : 'not sent yet';
  return nextAttemptAt === undefined ? tried : `${tried}; next ${formatTime(nextAttemptAt)}`;
}
