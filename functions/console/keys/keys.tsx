import { useEffect, useState } from 'preact/hooks';
import type { ApiKey } from '../../../lib/client/contract.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Badge } from '../ui/badge.tsx';
import { explain, Fault } from '../ui/fault.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { CreateDialog } from './create-dialog.tsx';
import { describeGrant, describeState, describeUse } from './describe.ts';
import { DeleteKeyDialog, RotateDialog } from './dialogs.tsx';

type Shown = 'new' | { readonly dialog: 'rotate' | 'delete'; readonly apiKey: ApiKey };

/** The API keys of the caller's tenant, and all that can be done with them. */
export function Keys() {
  const { client, signOut } = useSession();
  const announce = useAnnounce();
  const { value, error, isLoading, ask } = useAnswer(() => client.keys.list(), []);
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    document.title = 'API keys – Stowage';
  }, []);
  const close = () => setShown(undefined);

  const setEnabled = async ({ keyId, name }: ApiKey, enabled: boolean) => {
    try {
      await client.keys.setEnabled(keyId, enabled);
      announce(`${name} ${enabled ? 'enabled' : 'disabled'}`);
    } catch (cause) {
      announce(explain(cause));
    }
    ask();
  };

  return (
    <main class="browser">
      <div class="toolbar">
        <h1 class="page-title">API keys</h1>
        <button type="button" class="primary" onClick={() => setShown('new')}>
          New key…
        </button>
      </div>
      {error !== undefined && <Fault error={error} onRetry={ask} onSignIn={() => signOut(error)} />}
      {value === undefined && isLoading && (
        <p class="loading" role="status">
          Loading…
        </p>
      )}
      {value?.length === 0 && (
        <div class="empty">
          <h2>No server has a key yet</h2>
          <p class="quiet">
            A key lets a server in, as far as you say and no further than you may yourself. The root key is no
            key for every day.
          </p>
        </div>
      )}
      {value && value.length > 0 && (
        <ul class="keys">
          {value.map((apiKey) => (
            <Row
              key={apiKey.keyId}
              apiKey={apiKey}
              onSetEnabled={(enabled) => void setEnabled(apiKey, enabled)}
              onOpen={(dialog) => setShown({ dialog, apiKey })}
            />
          ))}
        </ul>
      )}
      {shown === 'new' && <CreateDialog onCreated={ask} onClose={close} />}
      {typeof shown === 'object' && shown.dialog === 'rotate' && (
        <RotateDialog apiKey={shown.apiKey} onClose={close} />
      )}
      {typeof shown === 'object' && shown.dialog === 'delete' && (
        <DeleteKeyDialog
          apiKey={shown.apiKey}
          onDeleted={() => {
            announce(`${shown.apiKey.name} deleted`);
            close();
            ask();
          }}
          onClose={close}
        />
      )}
    </main>
  );
}

interface RowProps {
  readonly apiKey: ApiKey;
  readonly onSetEnabled: (enabled: boolean) => void;
  readonly onOpen: (dialog: 'rotate' | 'delete') => void;
}

function Row({ apiKey, onSetEnabled, onOpen }: RowProps) {
  const { keyId, name, tenant, grants, enabled } = apiKey;
  const [kind, title] = describeState(apiKey);
  const titleId = `key-${keyId}`;
  return (
    <li aria-labelledby={titleId}>
      <h2 id={titleId}>{name}</h2>
      <Badge kind={kind} title={title} />
      <p class="quiet">
        <code>{keyId}</code>
        {tenant !== undefined && `, of the tenant ${tenant}`}
      </p>
      {grants.map((grant) => (
        <p>{describeGrant(grant)}</p>
      ))}
      <p class="quiet">{describeUse(apiKey)}</p>
      <div class="key-actions">
        <button type="button" aria-describedby={titleId} onClick={() => onOpen('rotate')}>
          Rotate…
        </button>
        <button type="button" aria-describedby={titleId} onClick={() => onSetEnabled(!enabled)}>
          {enabled ? 'Disable' : 'Enable'}
        </button>
        <button
          type="button"
          class="plain danger-text"
          aria-describedby={titleId}
          onClick={() => onOpen('delete')}
        >
          Delete…
        </button>
      </div>
    </li>
  );
}
