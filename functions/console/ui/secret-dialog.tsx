import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { Fault } from './fault.tsx';
import { ShownOnce } from './shown-once.tsx';

/** A secret, with the words that it is shown by. */
export interface MadeSecret {
  /** Of the dialog that shows it: `The key is made`. */
  readonly title: string;
  /** What it is: `Key`. */
  readonly label: string;
  readonly text: string;
  /** What it is for. */
  readonly use: string;
}

/** What asks for something: a form of this id, that calls when it is sent. */
export interface AskingForm<Wanted> {
  readonly formId: string;
  readonly onSubmit: (wanted: Wanted) => void;
}

export interface SecretDialogProps<Wanted> {
  readonly title: string;
  /** What the button says that makes the secret. */
  readonly action: string;
  readonly make: (wanted: Wanted) => Promise<MadeSecret>;
  readonly onClose: () => void;
  readonly children: (form: AskingForm<Wanted>) => ComponentChildren;
}

/** Asks what is wanted, has it made, and shows the secret that comes with it, once. */
export function SecretDialog<Wanted>({ title, action, make, onClose, children }: SecretDialogProps<Wanted>) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<MadeSecret>();

  const onSubmit = async (wanted: Wanted) => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      setMade(await make(wanted));
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  if (made) {
    return (
      <Dialog
        title={made.title}
        onClose={onClose}
        actions={
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        }
      >
        <ShownOnce title={made.label} text={made.text}>
          {made.use}
        </ShownOnce>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form={formId} class="primary" aria-disabled={isBusy}>
            {isBusy ? 'Making…' : action}
          </button>
        </>
      }
    >
      {children({ formId, onSubmit: (wanted) => void onSubmit(wanted) })}
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}

const formId = 'what-is-wanted';
