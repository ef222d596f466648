import type { SignInProvider } from '../../../lib/client/contract.ts';

/**
 * Sign-in with an OpenID provider: the authorization code flow for a client without a secret, bound to this tab by
 * PKCE and `state` (RFC 7636, RFC 9700). The access token that comes out is the credential.
 */

/** What this tab remembers while the person is away at the provider. */
interface Departure extends SignInProvider {
  readonly state: string;
  readonly codeVerifier: string;
  /** The place in the console to come back to. */
  readonly hash: string;
}

interface Endpoints {
  readonly issuer?: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
}

const storageName = 'stowage.sign-in';

/** Leaves for the provider's page. @throws Error when the provider cannot be used */
export async function beginSignIn(provider: SignInProvider): Promise<void> {
  const { authorization_endpoint: endpoint = '' } = await discover(provider.issuer);
  const departure: Departure = {
    ...provider,
    state: randomText(),
    codeVerifier: randomText(),
    hash: location.hash,
  };
  sessionStorage.setItem(storageName, JSON.stringify(departure));
  const address = new URL(endpoint);
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(departure.codeVerifier));
  const query = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: ownAddress(),
    scope: provider.scope,
    state: departure.state,
    code_challenge: base64url(new Uint8Array(challenge)),
    code_challenge_method: 'S256',
    ...resourceOf(provider),
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  location.assign(address);
}

/** Has the provider just sent somebody back? */
export function isBackFromProvider(): boolean {
  const answer = new URLSearchParams(location.search);
  return answer.has('state') && (answer.has('code') || answer.has('error'));
}

/**
 * Exchanges the provider's answer, taken out of the address, for an access token.
 *
 * @throws Error when the answer is not to this tab's question, or the provider refuses
 */
export async function finishSignIn(): Promise<string> {
  const answer = new URLSearchParams(location.search);
  const remembered = sessionStorage.getItem(storageName);
  sessionStorage.removeItem(storageName);
  const departure: Departure | undefined = remembered === null ? undefined : JSON.parse(remembered);
  history.replaceState(null, '', location.pathname + (departure?.hash ?? ''));
  if (!departure || answer.get('state') !== departure.state) {
    throw new Error('This sign-in was not begun in this tab.');
  }
  // RFC 9207: an answer that one provider forges in another's name is known by it.
  if ((answer.get('iss') ?? departure.issuer) !== departure.issuer) {
    throw new Error('Another provider has answered than the one asked.');
  }
  const code = answer.get('code');
  if (code === null) throw new Error(`The provider refuses: ${reasonIn(answer)}.`);
  return redeem(departure, code);
}

async function redeem(departure: Departure, code: string): Promise<string> {
  const { token_endpoint: endpoint = '' } = await discover(departure.issuer);
  const response = await fetch(endpoint, {
    method: 'POST',
    credentials: 'omit',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      client_id: departure.clientId,
      redirect_uri: ownAddress(),
      code_verifier: departure.codeVerifier,
      ...resourceOf(departure),
    }),
  });
  const { access_token: token }: { access_token?: string } = await response.json();
  if (token === undefined) throw new Error('The provider gives no access token.');
  return token;
}

async function discover(issuer: string): Promise<Endpoints> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, { credentials: 'omit' }).catch(() => undefined);
  const endpoints: Endpoints = response?.ok ? await response.json() : {};
  if (endpoints.issuer !== issuer) throw new Error(`${new URL(issuer).host} cannot be reached to sign in.`);
  return endpoints;
}

/** RFC 8707 takes addresses alone; by it a provider knows what the token is to be for. */
function resourceOf({ audience }: SignInProvider): { resource?: string } {
  return URL.canParse(audience) ? { resource: audience } : {};
}

function reasonIn(answer: URLSearchParams): string {
  return answer.get('error_description') ?? answer.get('error') ?? 'without a reason';
}

function ownAddress(): string {
  return `${location.origin}/`;
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
