import { useRef } from 'preact/hooks';
import { Providers } from './providers.tsx';
import { Fault } from '../ui/fault.tsx';
import { Mark } from '../ui/mark.tsx';

export interface SignInProps {
  /** Why there is no session: a refused key, an expired token, a service that does not answer. */
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onSignIn: (credential: string) => void;
}

export function SignIn({ error, isBusy, onSignIn }: SignInProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isBusy) return;
          const credential = input.current?.value.trim() ?? '';
          if (credential !== '') onSignIn(credential);
          else input.current?.focus();
        }}
      >
        <Mark />
        <h1>Sign in to Stowage</h1>
        <label for="credential">API key or token</label>
        <input
          ref={input}
          id="credential"
          type="password"
          autocomplete="off"
          spellcheck={false}
          autofocus
          required
          aria-describedby="credential-hint"
        />
        <button class="primary" type="submit" aria-disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <Providers />
        {error !== undefined && !isBusy && <Fault error={error} />}
        <p id="credential-hint" class="quiet">
          The service prints a root key once, at its first start. The key stays in this tab and is forgotten
          when you close it.
        </p>
      </form>
    </main>
  );
}
