import { useSession } from '../session/session.ts';
import { type Filled, SecretDialog } from '../ui/secret-dialog.tsx';
import { eventTypes, secretOf } from './describe.ts';

export interface CreateDialogProps {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

/** Asks where to send what, and then shows the secret. */
export function CreateDialog({ onCreated, onClose }: CreateDialogProps) {
  const { client, buckets } = useSession();
  const make = async ({ text, chosen }: Filled) => {
    const narrowing = ['bucket', 'prefix', 'suffix', 'description'].map(
      (name) => [name, text(name)] as const,
    );
    const wanted = chosen(
      'type',
      eventTypes.map(([type]) => type),
    );
    const made = await client.webhooks.create({
      url: text('url'),
      ...Object.fromEntries(narrowing.filter(([, value]) => value !== '')),
      ...(wanted.length > 0 && { eventTypes: wanted }),
    });
    onCreated();
    return secretOf(made, 'The webhook is made');
  };
  return (
    <SecretDialog title="New webhook" action="Make it" make={make} onClose={onClose}>
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
            <input type="checkbox" name="type" value={type} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <label>
        Description
        <input name="description" maxLength={256} autocomplete="off" />
      </label>
    </SecretDialog>
  );
}
