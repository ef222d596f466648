import { useEffect, useState } from 'preact/hooks';
import type { Webhook } from '../../../lib/client/webhook-contract.ts';
import { useSession } from '../session/session.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Fault, explain } from '../ui/fault.tsx';
import { formatTime } from '../ui/format.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { Badge } from '../ui/badge.tsx';
import { Deliveries } from './deliveries.tsx';
import { DeleteWebhookDialog, RotateDialog } from './dialogs.tsx';
import { describeFilters, states } from './describe.ts';
import { linkToWebhooks } from './place.ts';

/** One webhook: how it fares, what can be done with it, and what it has sent. */
export function WebhookView({ webhookId }: { readonly webhookId: string }) {
  const { client, signOut } = useSession();
  const announce = useAnnounce();
  const { value, error, ask } = useAnswer(
    (signal) => client.webhooks.get(webhookId, { signal }),
    [webhookId],
  );
  const [sentCount, setSentCount] = useState(0);
  const [dialog, setDialog] = useState<'secret' | 'delete'>();
  useEffect(() => {
    document.title = `${value?.description ?? value?.url ?? 'Webhook'} – Stowage`;
  }, [value]);

  const act = async (doing: Promise<unknown>, done: string) => {
    try {
      await doing;
      announce(done);
    } catch (cause) {
      announce(explain(cause));
    }
    ask();
    setSentCount((count) => count + 1);
  };

  return (
    <main class="browser">
      <div class="toolbar">
        <nav class="breadcrumb" aria-label="Webhooks">
          <ol>
            <li>
              <a href={linkToWebhooks}>Webhooks</a>
            </li>
            <li>
              <h1>{value?.description ?? value?.url ?? webhookId}</h1>
            </li>
          </ol>
        </nav>
      </div>
      {error !== undefined && <Fault error={error} onRetry={ask} onSignIn={() => signOut(error)} />}
      {value && (
        <>
          <div class="toolbar">
            <Badge kind={value.state} title={states[value.state]} />
            {value.enabled && (
              <button type="button" onClick={() => void act(client.webhooks.ping(webhookId), 'Ping sent')}>
                Send a ping
              </button>
            )}
            <button
              type="button"
              onClick={() =>
                void act(
                  client.webhooks.change(webhookId, { enabled: !value.enabled }),
                  value.enabled ? 'Webhook disabled' : 'Webhook enabled',
                )
              }
            >
              {value.enabled ? 'Disable' : 'Enable'}
            </button>
            <button type="button" onClick={() => setDialog('secret')}>
              New secret…
            </button>
            <button type="button" class="plain danger-text" onClick={() => setDialog('delete')}>
              Delete…
            </button>
          </div>
          {value.reason !== undefined && (
            <p class="trouble" role="status">
              {value.reason}
              {value.failingSince !== undefined && ` Failing since ${formatTime(value.failingSince)}.`}
            </p>
          )}
          <Facts webhook={value} />
          <Deliveries webhook={value} sentCount={sentCount} onReplayed={ask} />
        </>
      )}
      {value && dialog === 'secret' && (
        <RotateDialog webhook={value} onRotated={ask} onClose={() => setDialog(undefined)} />
      )}
      {value && dialog === 'delete' && (
        <DeleteWebhookDialog
          webhook={value}
          onDeleted={() => {
            announce('Webhook deleted');
            location.hash = linkToWebhooks;
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
    </main>
  );
}

function Facts({ webhook }: { readonly webhook: Webhook }) {
  const { url, maxConcurrency, maxPerSecond, secrets, createdAt, createdBy, expiresAt } = webhook;
  const facts: readonly (readonly [term: string, value: string | undefined])[] = [
    ['Address', url],
    ['Gets', describeFilters(webhook)],
    ['Limits', `${maxConcurrency} at once${maxPerSecond === undefined ? '' : `, ${maxPerSecond} a second`}`],
    ['Secrets in use', String(secrets.length)],
    ['Made', `${formatTime(createdAt)} by ${createdBy.sub}`],
    ['Ends', expiresAt && formatTime(expiresAt)],
  ];
  return (
    <dl class="facts">
      {facts.map(
        ([term, text]) =>
          text !== undefined && (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
