import { useState } from 'preact/hooks';
import type { Action, KeyRequest } from '../../../lib/client/contract.ts';
import { useSession } from '../session/session.ts';
import { type AskingForm, SecretDialog } from '../ui/secret-dialog.tsx';
import { actions } from './describe.ts';

export interface CreateDialogProps {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

const daySeconds = 86_400;

/** Asks what a key may do where, and then shows it. */
export function CreateDialog({ onCreated, onClose }: CreateDialogProps) {
  const { client } = useSession();
  const make = async (request: KeyRequest) => {
    const { key, name } = await client.keys.create(request);
    onCreated();
    return {
      title: 'The key is made',
      label: 'Key',
      text: key,
      use: `“${name}” signs in with this key.`,
    };
  };
  return (
    <SecretDialog title="New API key" action="Make it" make={make} onClose={onClose}>
      {(form) => <Form {...form} />}
    </SecretDialog>
  );
}

function Form({ formId, onSubmit }: AskingForm<KeyRequest>) {
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
