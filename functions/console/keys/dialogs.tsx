import { useState } from 'preact/hooks';
import type { ApiKey } from '../../../lib/client/contract.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { type Filled, SecretDialog } from '../ui/secret-dialog.tsx';

export interface RotateDialogProps {
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}

const overlaps = [
  { seconds: 0, title: 'Not at all' },
  { seconds: 3600, title: '1 hour' },
  { seconds: 86_400, title: '1 day' },
];

/** Gives a key a new text, and shows it. */
export function RotateDialog({ apiKey: { keyId, name }, onClose }: RotateDialogProps) {
  const { client } = useSession();
  const make = async ({ text }: Filled) => ({
    title: `${name} has a new text`,
    label: 'Key',
    text: (await client.keys.rotate(keyId, Number(text('overlap')))).key,
    use: `“${name}” signs in with this key from now on.`,
  });
  return (
    <SecretDialog title={`Rotate ${name}`} action="Make a new text" make={make} onClose={onClose}>
      <fieldset class="choices">
        <legend>The old text goes on working for</legend>
        {overlaps.map(({ seconds, title }) => (
          <label key={seconds}>
            <input type="radio" name="overlap" value={seconds} defaultChecked={seconds === 3600} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
    </SecretDialog>
  );
}

export interface DeleteKeyDialogProps {
  readonly apiKey: ApiKey;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}

/** Asks before a key is deleted. */
export function DeleteKeyDialog({ apiKey: { keyId, name }, onDeleted, onClose }: DeleteKeyDialogProps) {
  const { client } = useSession();
  const [error, setError] = useState<unknown>();
  const remove = () => client.keys.delete(keyId).then(onDeleted, setError);
  return (
    <Dialog
      title={`Delete ${name}?`}
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
      <p>
        Whoever uses it is refused from then on, and with it ends all that was made by it: tokens, uploads
        that it began, other keys. This cannot be undone.
      </p>
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}
