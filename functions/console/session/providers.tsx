import { useEffect, useState } from 'preact/hooks';
import { signInProviders } from '../../../lib/client/sign-in.ts';
import type { SignInProvider } from '../../../lib/client/contract.ts';
import { Fault } from '../ui/fault.tsx';
import { beginSignIn } from './openid.ts';

/** A button for each OpenID provider that people may sign in with; nothing where there is none. */
export function Providers() {
  const [providers, setProviders] = useState<readonly SignInProvider[]>([]);
  const [error, setError] = useState<unknown>();

  useEffect(() => {
    // Who has a key needs none of them: that they cannot be listed is told by the sign-in itself, if at all.
    signInProviders({ baseUrl: '', retry: { attempts: 1 } }).then(setProviders, () => undefined);
  }, []);

  return (
    <>
      {providers.map((provider) => (
        <button
          type="button"
          key={provider.issuer}
          onClick={() => void beginSignIn(provider).catch(setError)}
        >
          Sign in with {new URL(provider.issuer).host}
        </button>
      ))}
      {error !== undefined && <Fault error={error} />}
    </>
  );
}
