import { type ApiOptions, createApi } from './api.ts';
import type { SignInProvider } from './contract.ts';

/** The OpenID providers that a person may sign in with. Open to all: nobody has a credential before signing in. */
export async function signInProviders(
  options: Pick<ApiOptions, 'baseUrl' | 'fetch' | 'retry'>,
): Promise<readonly SignInProvider[]> {
  const { providers } = await createApi(options).request<{ providers: readonly SignInProvider[] }>({
    method: 'GET',
    path: '/v1/sign-in',
  });
  return providers;
}
