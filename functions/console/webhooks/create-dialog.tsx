import { useState } from 'preact/hooks';
import type { WebhookEventType, WebhookRequest } from '../../../lib/client/webhook-contract.ts';
import { useSession } from '../session/session.ts';
import { type AskingForm, SecretDialog } from '../ui/secret-dialog.tsx';
import { eventTypes, secretOf } from './describe.ts';

export interface CreateDialogProps {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

/** Asks where to send what, and then shows the secret. */
export function CreateDialog({ onCreated, onClose }: CreateDialogProps) {
  const { client } = useSession();
  const make = async (request: WebhookRequest) => {
    const made = await client.webhooks.create(request);
    onCreated();
    return secretOf(made, 'The webhook is made');
  };
  return (
    <SecretDialog title="New webhook" action="Make it" make={make} onClose={onClose}>
      {(form) => <Form {...form} />}
    </SecretDialog>
  );
}

function Form({ formId, onSubmit }: AskingForm<WebhookRequest>) {
  const { buckets } = useSession();
  const [types, setTypes] = useState<ReadonlySet<WebhookEventType>>(new Set());
  const toggle = (type: WebhookEventType) => {
    const next = new Set(types);
    if (!next.delete(type)) next.add(type);
    setTypes(next);
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
        const texts = ['bucket', 'prefix', 'suffix', 'description'].map(
          (name) => [name, textOf(name)] as const,
        );
        onSubmit({
          url: textOf('url'),
          ...Object.fromEntries(texts.filter(([, text]) => text !== '')),
          ...(types.size > 0 && { eventTypes: [...types] }),
        });
      }}
    >
      <label>
        Address
        <input name="url" type="url" required placeholder="https://app.example.com/hook" autocomplete="off" />
      </label>
      <label>
        Bucket
        <select name="bucket">
          {buckets.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value="">Every bucket</option>
        </select>
      </label>
      <label>
        Keys that begin with
        <input name="prefix" placeholder="photos/" autocomplete="off" />
      </label>
      <label>
        and end in
        <input name="suffix" placeholder=".jpg" autocomplete="off" />
      </label>
      <fieldset class="choices">
        <legend>Events (none chosen: all)</legend>
        {eventTypes.map(([type, title]) => (
          <label key={type}>
            <input type="checkbox" checked={types.has(type)} onChange={() => toggle(type)} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <label>
        Description
        <input name="description" maxLength={256} autocomplete="off" />
      </label>
    </form>
  );
}
