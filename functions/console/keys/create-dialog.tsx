import { useState } from 'preact/hooks';
import type { Action, KeyRequest, NewApiKey } from '../../../lib/client/contract.ts';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Fault } from '../ui/fault.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { actions } from './describe.ts';

export interface CreateDialogProps {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

const formId = 'new-key';
const daySeconds = 86_400;

/** Asks what a key may do where, and then shows it. */
export function CreateDialog({ onCreated, onClose }: CreateDialogProps) {
  const { client } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<NewApiKey>();

  const create = async (request: KeyRequest) => {
    setBusy(true);
    setError(undefined);
    try {
      setMade(await client.keys.create(request));
      onCreated();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  if (made) {
    return (
      <Dialog
        title="The key is made"
        onClose={onClose}
        actions={
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        }
      >
        <ShownOnce title="Key" text={made.key}>
          “{made.name}” signs in with this key.
        </ShownOnce>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="New API key"
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form={formId} class="primary" aria-disabled={isBusy}>
            {isBusy ? 'Making…' : 'Make it'}
          </button>
        </>
      }
    >
      <Form onSubmit={(request) => void (isBusy || create(request))} />
      {error !== undefined && <Fault error={error} />}
    </Dialog>
  );
}

function Form({ onSubmit }: { readonly onSubmit: (request: KeyRequest) => void }) {
  const { buckets } = useSession();
  const [chosen, setChosen] = useState<ReadonlySet<Action>>(new Set(['read', 'list']));
  const toggle = (action: Action) => {
    const next = new Set(chosen);
    if (!next.delete(action)) next.add(action);
    setChosen(next);
  };
  return (
    <form
      id={formId}
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const textOf = (name: string) => {
          const value = given.get(name);
          return typeof value === 'string' ? value.trim() : '';
        };
        const [tenant, days] = [textOf('tenant'), Number(textOf('days'))];
        onSubmit({
          name: textOf('name'),
          grants: [{ bucket: textOf('bucket'), prefix: textOf('prefix'), actions: [...chosen] }],
          ...(tenant !== '' && { tenant }),
          ...(days > 0 && { expiresInSeconds: days * daySeconds }),
        });
      }}
    >
      <label>
        Name
        <input name="name" required maxLength={128} placeholder="Build server" autocomplete="off" />
      </label>
      <label>
        Bucket
        <select name="bucket">
          {buckets.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value="*">Every bucket</option>
        </select>
      </label>
      <label>
        Keys that begin with
        <input name="prefix" placeholder="builds/" autocomplete="off" />
      </label>
      <fieldset class="choices">
        <legend>May</legend>
        {actions.map(([action, title]) => (
          <label key={action}>
            <input type="checkbox" checked={chosen.has(action)} onChange={() => toggle(action)} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <label>
        Tenant (none: it has none)
        <input name="tenant" maxLength={128} autocomplete="off" />
      </label>
      <label>
        Ends after days (none: never)
        <input name="days" type="number" min={1} max={3650} autocomplete="off" />
      </label>
    </form>
  );
}
