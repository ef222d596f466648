import { useEffect, useState } from 'preact/hooks';
import { useSession } from '../session/session.ts';
import { Fault } from '../ui/fault.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { Badge } from '../ui/badge.tsx';
import { CreateDialog } from './create-dialog.tsx';
import { describeFilters, states } from './describe.ts';
import { linkToWebhook } from './place.ts';

/** All webhooks that the caller may see, and the way to another. */
export function Webhooks() {
  const { client, signOut } = useSession();
  const { value, error, isLoading, ask } = useAnswer((signal) => client.webhooks.list({ signal }), []);
  const [isCreating, setCreating] = useState(false);
  useEffect(() => {
    document.title = 'Webhooks – Stowage';
  }, []);

  return (
    <main class="browser">
      <div class="toolbar">
        <h1 class="page-title">Webhooks</h1>
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          New webhook…
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
          <h2>Nobody is told yet</h2>
          <p class="quiet">
            A webhook sends what happens in your buckets to an address of yours, signed, and again until it
            was received.
          </p>
        </div>
      )}
      {value && value.length > 0 && (
        <ul class="webhooks">
          {value.map((webhook) => (
            <li key={webhook.webhookId}>
              <a href={linkToWebhook(webhook.webhookId)}>{webhook.description ?? webhook.url}</a>
              <Badge kind={webhook.state} title={states[webhook.state]} />
              <p class="quiet">{describeFilters(webhook)}</p>
              {webhook.description !== undefined && <p class="quiet">{webhook.url}</p>}
              {webhook.reason !== undefined && <p>{webhook.reason}</p>}
            </li>
          ))}
        </ul>
      )}
      {isCreating && <CreateDialog onCreated={ask} onClose={() => setCreating(false)} />}
    </main>
  );
}
