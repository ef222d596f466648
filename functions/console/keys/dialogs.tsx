import { useState } from 'preact/hooks';
import type { ApiKey } from '../../../lib/client/contract.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';

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
  const [overlapSeconds, setOverlapSeconds] = useState(3600);
  const [text, setText] = useState<string>();
  const [error, setError] = useState<unknown>();
  const rotate = async () => {
    try {
      const { key } = await client.keys.rotate(keyId, overlapSeconds);
      setError(undefined);
      setText(key);
    } catch (fault) {
      setError(fault);
    }
  };

  if (text !== undefined) {
    return (
      <Dialog
        title={`${name} has a new text`}
        onClose={onClose}
        actions={
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        }
      >
        <ShownOnce title="Key" text={text}>
          “{name}” signs in with this key from now on.
        </ShownOnce>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={`Rotate ${name}`}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" class="primary" onClick={() => void rotate()}>
            Make a new text
          </button>
        </>
      }
    >
      <fieldset class="choices">
        <legend>The old text goes on working for</legend>
        {overlaps.map(({ seconds, title }) => (
          <label key={seconds}>
            <input
              type="radio"
              name="overlap"
              checked={seconds === overlapSeconds}
              onChange={() => setOverlapSeconds(seconds)}
            />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      {error !== undefined && <Fault error={error} />}
    </Dialog>
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
        Whoever uses it is refused from then on, and so are the tokens that it made and the uploads that it
        began. This cannot be undone; to try what happens, disable it first.
      </p>
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}
