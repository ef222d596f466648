import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { type Configuration, Provider } from 'oidc-provider';
import { drain, listen } from '../../lib/hosts/node.ts';

/** What tokens are for, in these tests; an address, so that it can be asked for as a resource (RFC 8707). */
export const audience = 'https://stowage.example.com';

/** A real OpenID provider on loopback, and what a hostile or broken one would do. */
export interface OpenIdProvider {
  readonly issuer: string;
  /** How often each path was asked for. */
  readonly requests: ReadonlyMap<string, number>;
  /** An access token as the provider's own token endpoint gives it, with these claims beside its own. */
  readonly issue: (claims?: JWTPayload) => Promise<string>;
  /** A token of the test's own making, signed by the provider's key unless another is given. */
  readonly sign: (changes?: SignOptions) => Promise<string>;
  /** Signs with a new key from now on and publishes no other. */
  readonly rotate: () => Promise<void>;
  /** Lets the provider answer something else; `undefined` is its own answer again. */
  readonly answerWith: (answer: Answer | undefined) => void;
  /** Registers the console, which lives at an address that is known only once it is up. */
  readonly registerConsole: (address: string) => void;
  /** The key that it signs with. */
  readonly key: () => SigningKey;
  readonly close: () => Promise<void>;
}

export interface SignOptions {
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: SigningKey;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;
export type SigningKey = Awaited<ReturnType<typeof makeKey>>;

const client = { id: 'the-tests', secret: 'secret-of-the-client' };
export const consoleClientId = 'the-console';

export async function makeKey(alg = 'RS256', kid: string = crypto.randomUUID()) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const describe = { alg, kid, use: 'sig' };
  return {
    kid,
    alg,
    privateKey,
    publicKey,
    privateJwk: { ...(await exportJWK(privateKey)), ...describe },
    publicJwk: { ...(await exportJWK(publicKey)), ...describe },
  };
}

/** Making one takes longer than a test does. */
const firstKey = makeKey();

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const requests = new Map<string, number>();
  let answer: Answer | undefined;
  let consoleAddress: string | undefined;
  let claimsOfNext: JWTPayload = {};
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;

  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    requests.set(path, (requests.get(path) ?? 0) + 1);
    if (!answer?.(request, response)) handle(request, response);
  });
  const issuer = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  let key = await firstKey;

  function use(next: SigningKey): void {
    key = next;
    const provider = new Provider(
      issuer,
      configuration(next, () => claimsOfNext, consoleAddress),
    );
    handle = provider.callback();
  }
  use(key);

  return {
    issuer,
    requests,
    issue: async (claims = {}) => {
      claimsOfNext = claims;
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
      });
      const { access_token: token }: { access_token?: string } = JSON.parse(await response.text());
      if (token === undefined) throw new Error(`the provider gave no token: ${response.status}`);
      return token;
    },
    sign: ({ claims = {}, header = {}, key: signer = key } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: issuer, aud: audience, sub: 'ann', iat: now, exp: now + 300, ...claims })
        .setProtectedHeader({ alg: signer.alg, kid: signer.kid, typ: 'at+jwt', ...header })
        .sign(signer.privateKey);
    },
    rotate: async () => use(await makeKey()),
    answerWith: (next) => {
      answer = next;
    },
    registerConsole: (address) => {
      consoleAddress = address;
      use(key);
    },
    key: () => key,
    close: () => drain(server, 0.1),
  };
}

function configuration(
  key: SigningKey,
  claims: () => JWTPayload,
  consoleAddress: string | undefined,
): Configuration {
  return {
    jwks: { keys: [key.privateJwk] },
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      ...(consoleAddress === undefined ? [] : [consoleClient(consoleAddress)]),
    ],
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'openid',
          audience,
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    // The server of the tests calls itself at 127.0.0.1, which a browser takes for another site.
    clientBasedCORS: () => true,
    extraTokenClaims: () => claims(),
    pkce: { required: () => true },
    ttl: { ClientCredentials: 300 },
  };
}

function consoleClient(address: string) {
  return {
    client_id: consoleClientId,
    token_endpoint_auth_method: 'none' as const,
    application_type: 'native' as const,
    redirect_uris: [address],
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
  };
}
