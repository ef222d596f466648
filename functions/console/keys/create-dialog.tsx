import { useSession } from '../session/session.ts';
import { type Filled, SecretDialog } from '../ui/secret-dialog.tsx';
import { actions } from './describe.ts';

export interface CreateDialogProps {
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

const daySeconds = 86_400;

const isUsual = (action: string) => action === 'read' || action === 'list';

/** Asks what a key may do where, and then shows it. */
export function CreateDialog({ onCreated, onClose }: CreateDialogProps) {
  const { client, buckets } = useSession();
  const make = async ({ text, chosen }: Filled) => {
    const [tenant, days] = [text('tenant'), Number(text('days'))];
    const granted = chosen(
      'action',
      actions.map(([action]) => action),
    );
    const { key, name } = await client.keys.create({
      name: text('name'),
      grants: [{ bucket: text('bucket'), prefix: text('prefix'), actions: granted }],
      ...(tenant !== '' && { tenant }),
      ...(days > 0 && { expiresInSeconds: days * daySeconds }),
    });
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
            <input type="checkbox" name="action" value={action} defaultChecked={isUsual(action)} />
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
    </SecretDialog>
  );
}
