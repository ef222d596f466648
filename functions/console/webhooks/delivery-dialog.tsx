import type { Delivery } from '../../../lib/client/webhook-contract.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { formatCount, formatTime } from '../ui/format.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { describeAttempt, statuses, titleOf } from './describe.ts';

export interface DeliveryDialogProps {
  readonly delivery: Delivery;
  /** Absent while the webhook is disabled. */
  readonly onReplay: (() => void) | undefined;
  readonly onClose: () => void;
}

/** A delivery: what was sent, and each answer. */
export function DeliveryDialog({ delivery, onReplay, onClose }: DeliveryDialogProps) {
  const { client } = useSession();
  const { deliveryId, eventId, type, status } = delivery;
  const { value, error, ask } = useAnswer(
    (signal) => client.webhooks.delivery(deliveryId, { signal }),
    [deliveryId],
  );
  return (
    <Dialog
      title={`${titleOf(type)}: ${statuses[value?.status ?? status].toLowerCase()}`}
      onClose={onClose}
      actions={
        onReplay && (
          <button type="button" class="primary" onClick={onReplay}>
            Send once more
          </button>
        )
      }
    >
      {error !== undefined && <Fault error={error} onRetry={ask} />}
      <p class="quiet">
        Event <code>{eventId}</code>
      </p>
      {value && (
        <>
          <pre class="preview" tabIndex={0} aria-label="Body">
            {JSON.stringify(JSON.parse(value.body), null, 2)}
          </pre>
          <ol class="attempts">
            {value.attempts.map((attempt, index) => (
              <li key={attempt.at}>
                <p>
                  <strong>
                    {index + 1}. {describeAttempt(attempt)}
                  </strong>{' '}
                  after {formatCount(attempt.durationMilliseconds)} ms
                </p>
                <p class="quiet">{formatTime(attempt.at)}</p>
                {attempt.response !== undefined && attempt.response !== '' && (
                  <pre class="preview" tabIndex={0} aria-label={`Answer ${index + 1}`}>
                    {attempt.response}
                  </pre>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </Dialog>
  );
}
