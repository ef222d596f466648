import { createServer } from 'node:http';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { drain, listen } from '../../lib/hosts/node.ts';

/** An OpenID provider as far as a service looks at one: its discovery document and its keys. */
export interface Issuer {
  readonly address: string;
  /** All that was asked of it, and what was never meant to be asked: `/jwks`, `/of-the-attacker`. */
  readonly asked: readonly string[];
  /** The public key as everybody can have it. */
  readonly publicJwk: object;
  readonly publicPem: string;
  /** A token that the service believes, but for what is changed in it. */
  readonly sign: (claims?: JWTPayload, header?: Partial<JWTHeaderParameters>) => Promise<string>;
  /** The same, signed by somebody who has not the issuer's key. */
  readonly forge: (claims?: JWTPayload, header?: Partial<JWTHeaderParameters>) => Promise<string>;
  /** The claims of a good token. */
  readonly claims: () => JWTPayload;
  readonly kid: string;
  readonly close: () => Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const asked: string[] = [];
  const kid = 'the-key';
  const own = await generateKeyPair('ES256', { extractable: true });
  const stranger = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = { ...(await exportJWK(own.publicKey)), alg: 'ES256', use: 'sig', kid };
  const strangerJwk = { ...(await exportJWK(stranger.publicKey)), alg: 'ES256', use: 'sig', kid };

  const documents: Record<string, () => object> = {
    '/.well-known/openid-configuration': () => ({ issuer: address, jwks_uri: `${address}/jwks` }),
    '/jwks': () => ({ keys: [publicJwk] }),
    '/of-the-attacker': () => ({ keys: [strangerJwk] }),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const document = documents[path];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document?.() ?? {}));
  });
  const address = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;

  const claims = () => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: address, aud: 'stowage', sub: 'ann', org: 'acme', iat: now, exp: now + 300 };
  };
  const signWith =
    (key: CryptoKey) =>
    (changes: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}) =>
      new SignJWT({ ...claims(), ...changes })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header })
        // The extension that a header may call critical, so that there can be one that the service does not know.
        .sign(key, { crit: { evil: true } });

  return {
    address,
    asked,
    publicJwk,
    publicPem: await exportSPKI(own.publicKey),
    sign: signWith(own.privateKey),
    forge: signWith(stranger.privateKey),
    claims,
    kid,
    close: () => drain(server, 0.1),
  };
}
