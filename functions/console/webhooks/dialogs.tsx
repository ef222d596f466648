import { useState } from 'preact/hooks';
import type { Webhook } from '../../../lib/client/webhook-contract.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { secretOf } from './describe.ts';

export interface RotateDialogProps {
  readonly webhook: Webhook;
  readonly onRotated: () => void;
  readonly onClose: () => void;
}

/** Gives a webhook a new secret beside the old one, and shows it. */
export function RotateDialog({ webhook: { webhookId }, onRotated, onClose }: RotateDialogProps) {
  const { client } = useSession();
  const make = async () => {
    const rotated = await client.webhooks.rotateSecret(webhookId);
    onRotated();
    return secretOf(rotated, 'New secret');
  };
  return (
    <SecretDialog title="New secret" action="Make a new secret" make={make} onClose={onClose}>
      <p>For a day requests are signed with the old secret, too, so that the receiver can change over.</p>
    </SecretDialog>
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
