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

/** What was filled into a form. */
export interface Filled {
  /** Without space around it; empty where there is none. */
  readonly text: (name: string) => string;
  /** Those of the values that are chosen. */
  readonly chosen: <Value extends string>(name: string, values: readonly Value[]) => Value[];
}

export interface SecretDialogProps {
  readonly title: string;
  /** What the button says that makes the secret. */
  readonly action: string;
  readonly make: (filled: Filled) => Promise<MadeSecret>;
  readonly onClose: () => void;
  /** The fields of the form. */
  readonly children: ComponentChildren;
}

/** Asks what is wanted, has it made, and shows the secret that comes with it, once. */
export function SecretDialog({ title, action, make, onClose, children }: SecretDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<MadeSecret>();

  const onSubmit = async (form: HTMLFormElement) => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      setMade(await make(filledIn(form)));
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
      <form
        id={formId}
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void onSubmit(event.currentTarget);
        }}
      >
        {children}
      </form>
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}

const formId = 'what-is-wanted';

function filledIn(form: HTMLFormElement): Filled {
  const given = new FormData(form);
  return {
    text: (name) => {
      const value = given.get(name);
      return typeof value === 'string' ? value.trim() : '';
    },
    chosen: (name, values) => {
      const all = given.getAll(name);
      return values.filter((value) => all.includes(value));
    },
  };
}
