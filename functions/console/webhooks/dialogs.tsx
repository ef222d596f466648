import { useState } from 'preact/hooks';
import type { Webhook } from '../../../lib/client/webhook-contract.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { Secret } from './secret.tsx';

export interface SecretDialogProps {
  readonly webhook: Webhook;
  readonly onRotated: () => void;
  readonly onClose: () => void;
}

/** Gives a webhook a new secret beside the old one, and shows it. */
export function SecretDialog({ webhook, onRotated, onClose }: SecretDialogProps) {
  const { client } = useSession();
  const [secret, setSecret] = useState<string>();
  const [error, setError] = useState<unknown>();
  const rotate = async () => {
    setError(undefined);
    try {
      setSecret((await client.webhooks.rotateSecret(webhook.webhookId)).secret);
      onRotated();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Dialog
      title="New secret"
      onClose={onClose}
      actions={
        secret === undefined ? (
          <>
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button type="button" class="primary" onClick={() => void rotate()}>
              Make a new secret
            </button>
          </>
        ) : (
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        )
      }
    >
      {secret === undefined ? (
        <p>For a day requests are signed with the old secret, too, so that the receiver can change over.</p>
      ) : (
        <Secret secret={secret} />
      )}
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}

export interface DeleteWebhookDialogProps {
  readonly webhook: Webhook;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}

/** Asks before a webhook is deleted. */
export function DeleteWebhookDialog({ webhook, onDeleted, onClose }: DeleteWebhookDialogProps) {
  const { client } = useSession();
  const [error, setError] = useState<unknown>();
  const remove = () => client.webhooks.delete(webhook.webhookId).then(onDeleted, setError);
  return (
    <Dialog
      title="Delete this webhook?"
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" class="danger" onClick={() => void remove()}>
            Delete
          </button>
        </>
      }
    >
      <p>What it has not yet sent to {webhook.url} never will be. This cannot be undone.</p>
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}
