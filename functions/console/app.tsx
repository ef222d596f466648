import { useEffect, useState } from 'preact/hooks';
import { Browser } from './browse/browser.tsx';
import { Buckets } from './browse/buckets.tsx';
import { linkTo, usePlace } from './browse/place.ts';
import { Account } from './session/account.tsx';
import { Keys } from './keys/keys.tsx';
import { linkToKeys, useIsKeysPlace } from './keys/place.ts';
import { may, mayAdminister, startingPrefix } from './session/access.ts';
import {
  forgetCredential,
  hasCredential,
  saveCredential,
  savedCredential,
  takeLinkedCredential,
} from './session/credential.ts';
import { finishSignIn, isBackFromProvider } from './session/openid.ts';
import { openSession, type Session, SessionContext } from './session/session.ts';
import { SignIn } from './session/sign-in.tsx';
import { AnnounceContext, useAnnouncer } from './ui/announcer.tsx';
import { isOverForCredential } from './ui/fault.tsx';
import { Mark } from './ui/mark.tsx';
import { Tray } from './uploads/tray.tsx';
import { linkToWebhooks, useWebhooksPlace } from './webhooks/place.ts';
import { WebhookView } from './webhooks/webhook-view.tsx';
import { Webhooks } from './webhooks/webhooks.tsx';

/** The way in, and what is behind it. */
export function App() {
  const [session, setSession] = useState<Session>();
  const [isBusy, setBusy] = useState(() => hasCredential() || isBackFromProvider());
  // Whoever comes with a key need not see the form, unless the key turns out to be no good.
  const [isFormShown, setFormShown] = useState(!isBusy);
  const [error, setError] = useState<unknown>();

  const leave = (reason?: unknown) => {
    forgetCredential();
    setSession(undefined);
    setError(reason);
    setBusy(false);
    setFormShown(true);
  };

  const signIn = async (credential: string) => {
    setBusy(true);
    setError(undefined);
    try {
      setSession(await openSession(credential, leave));
      saveCredential(credential);
    } catch (cause) {
      if (isOverForCredential(cause)) forgetCredential();
      setError(cause);
      setFormShown(true);
    } finally {
      setBusy(false);
    }
  };

  useEffect(() => {
    const begin = () => {
      const credential = takeLinkedCredential();
      if (credential !== undefined) void signIn(credential);
      return credential !== undefined;
    };
    const saved = savedCredential();
    if (isBackFromProvider()) void finishSignIn().then(signIn, leave);
    else if (!begin() && saved !== undefined) void signIn(saved);
    // A link that is opened in a tab where the console is open already changes nothing but the hash.
    addEventListener('hashchange', begin);
    return () => removeEventListener('hashchange', begin);
  }, []);

  if (!session && !isFormShown) return <p class="loading">Signing in…</p>;
  if (!session) return <SignIn error={error} isBusy={isBusy} onSignIn={(key) => void signIn(key)} />;
  return (
    <SessionContext.Provider value={session}>
      <Console session={session} />
    </SessionContext.Provider>
  );
}

function Console({ session: { me, buckets } }: { readonly session: Session }) {
  const { announce, region } = useAnnouncer();
  const [first] = buckets;
  const home = first && { bucket: first.name, prefix: startingPrefix(me.grants, first.name) };
  const webhooks = useWebhooksPlace();
  const named = usePlace();
  const isKeys = useIsKeysPlace();
  const place = webhooks || isKeys ? undefined : (named ?? home);
  return (
    <AnnounceContext.Provider value={announce}>
      <header class="masthead">
        <a class="brand" href={home ? linkTo(home) : '#'}>
          <Mark />
          Stowage
        </a>
        {mayAdminister(me.grants) && (
          <a href={linkToWebhooks} aria-current={webhooks && 'page'}>
            Webhooks
          </a>
        )}
        {may(me.grants, 'admin', '*', '') && (
          <a href={linkToKeys} aria-current={isKeys ? 'page' : undefined}>
            Keys
          </a>
        )}
        <a href="/docs">API</a>
        <Account />
      </header>
      <Buckets current={place?.bucket} />
      {webhooks?.webhookId !== undefined && <WebhookView webhookId={webhooks.webhookId} />}
      {webhooks && webhooks.webhookId === undefined && <Webhooks />}
      {isKeys && <Keys />}
      {!webhooks && !isKeys && (place ? <Browser place={place} /> : <NoBuckets />)}
      <Tray />
      {region}
    </AnnounceContext.Provider>
  );
}

function NoBuckets() {
  return (
    <main class="browser empty">
      <h1>No bucket to show</h1>
      <p class="quiet">
        Your key reaches none of this service’s buckets. Ask whoever gave it to you for a grant.
      </p>
    </main>
  );
}
