import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { exportSPKI, type JWTPayload } from 'jose';
import { afterEach, beforeAll, afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  audience,
  makeKey,
  type OpenIdProvider,
  type SignOptions,
  startOpenIdProvider,
} from '../support/openid-provider.ts';
import { openTestService, type TestService } from '../support/service.ts';

const jwksPath = '/jwks';
const readMine = { bucket: 'files', prefix: 'mine/', actions: ['read'] };

let provider: OpenIdProvider;
let service: TestService;
let time: number;

const me = (token: string) => service.call('GET', '/v1/me', undefined, token);
const codeOf = async (response: Response) => {
  const { code, detail }: { code?: string; detail?: string } = await response.json();
  return `${response.status} ${code}: ${detail}`;
};
const pass = (seconds: number) => {
  time += seconds * 1000;
};

beforeEach(async () => {
  provider = await startOpenIdProvider();
  service = await openTestService({
    buckets: { files: {}, media: {} },
    access: {
      issuers: [
        {
          issuer: provider.issuer,
          audience,
          grants: [
            { bucket: 'files', prefix: 'users/${sub}/', actions: ['read', 'write'] },
            { when: { groups: 'editors' }, bucket: 'media', actions: ['write'], contentTypes: ['image/*'] },
            { when: { groups: 'editors', email_verified: true }, bucket: 'media', actions: ['delete'] },
          ],
        },
      ],
    },
  });
  time = Date.now();
  service.setClock(() => new Date(time));
});

afterEach(async () => {
  await service.stop();
  await provider.close();
});

describe('an access token of an OpenID provider', () => {
  test('as the provider issues it says who calls and what they may do', async () => {
    const response = await me(await provider.issue({ groups: ['staff', 'editors'], stowage: [readMine] }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      principal: { kind: 'oidc', sub: 'the-tests' },
      grants: [
        readMine,
        { bucket: 'files', prefix: 'users/the-tests/', actions: ['read', 'write'] },
        { bucket: 'media', prefix: '', actions: ['write'], contentTypes: ['image/*'] },
      ],
    });
  });

  test('moves real bytes, and no further than its grants reach', async () => {
    const token = await provider.issue();
    const upload = (key: string) =>
      service.call('POST', '/v1/uploads', { bucket: 'files', key, sizeBytes: 1 }, token);
    expect((await upload('users/the-tests/a')).status).toBe(201);
    expect(await codeOf(await upload('users/other/a'))).toMatch(/^403 access_denied/);
  });

  test('makes delegated tokens in its own name alone', async () => {
    const token = await provider.issue();
    const mint = (wish: object) =>
      service.call(
        'POST',
        '/v1/tokens',
        { grants: [{ bucket: 'files', prefix: 'users/${sub}/', actions: ['read'] }], ...wish },
        token,
      );
    expect((await mint({})).status).toBe(201);
    expect(await codeOf(await mint({ sub: 'other' }))).toMatch(/^403 grant_exceeds_caller/);
    expect(await codeOf(await mint({ tenant: 'other' }))).toMatch(/^403 grant_exceeds_caller/);
  });

  test.each(['RS256', 'PS384', 'ES256', 'ES512', 'Ed25519'])('may be signed with %s', async (alg) => {
    const key = await makeKey(alg);
    provider.answerWith((request, response) => publish(request.url, response, [key.publicJwk]));
    expect((await me(await provider.sign({ key }))).status).toBe(200);
  });

  const now = () => Math.floor(time / 1000);
  const refused: Readonly<Record<string, readonly [make: () => SignOptions, answer: RegExp]>> = {
    'for another audience': [() => ({ claims: { aud: 'https://other.example.com' } }), /"aud"/],
    'for no audience': [() => ({ claims: without('aud') }), /"aud"/],
    'of another issuer': [() => ({ claims: { iss: 'https://evil.example.com' } }), /issuer/],
    'of an issuer that is nearly ours': [() => ({ claims: { iss: `${provider.issuer}/` } }), /issuer/],
    'of no issuer': [() => ({ claims: without('iss') }), /issuer/],
    'past its time': [() => ({ claims: { exp: now() - 31 } }), /token_expired/],
    'without an end': [() => ({ claims: without('exp') }), /"exp"/],
    'before its time': [() => ({ claims: { nbf: now() + 31 } }), /"nbf"/],
    'of nobody': [() => ({ claims: without('sub') }), /"sub"/],
    'of a name with a control character': [() => ({ claims: { sub: 'ann\u202e' } }), /name of the caller/],
    'whose name would leave its folder': [() => ({ claims: { sub: 'a/../b' } }), /users\/\$\{sub\}\//],
    'whose name is ..': [() => ({ claims: { sub: '..' } }), /users\/\$\{sub\}\//],
    'with grants that are none': [() => ({ claims: { stowage: [{ bucket: '*' }] } }), /"stowage"/],
    'for a key id that nobody has': [() => ({ header: { kid: 'nobody' } }), /no such key/],
    'of another type': [() => ({ header: { typ: 'logout+jwt' } }), /no access token/],
    'bound to a key': [() => ({ claims: { cnf: { jkt: 'thumbprint' } } }), /bound to a key/],
  };

  test.each(Object.entries(refused))('is refused when %s', async (_, [make, answer]) => {
    const response = await me(await provider.sign(make()));
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    const text = await codeOf(response);
    expect(text).toMatch(/^401 (?:invalid_credentials|token_expired)/);
    expect(text).toMatch(answer);
  });

  test('is taken within the tolerance for clocks', async () => {
    const claims = { exp: now() - 20, nbf: now() + 20 };
    expect((await me(await provider.sign({ claims }))).status).toBe(200);
  });

  test('is refused unsigned, or signed with what everybody knows', async () => {
    const { kid, publicKey } = provider.key();
    const payload = { iss: provider.issuer, aud: audience, sub: 'ann', exp: now() + 300 };
    const pem = await exportSPKI(publicKey);
    const hmac = (secret: string) => (text: string) =>
      createHmac('sha256', secret).update(text).digest('base64url');
    const forgeries = [
      compact({ alg: 'none' }, payload, () => ''),
      compact({ alg: 'None', kid }, payload, () => ''),
      compact({ alg: 'HS256', kid }, payload, hmac(pem)),
      compact({ alg: 'HS256', kid }, payload, hmac(pem.trim())),
      compact({ alg: 'HS256', kid }, payload, hmac('')),
      compact({ alg: 'RS256', kid, crit: ['exp'], exp: 1 }, payload, hmac(pem)),
    ];
    for (const forgery of forgeries) {
      expect(await codeOf(await me(forgery))).toMatch(/^401 invalid_credentials/);
    }
  });

  test('is refused when its header brings, or points to, a key of its own', async () => {
    const key = await makeKey();
    const address = 'http://127.0.0.1:9/jwks';
    for (const header of [{ jwk: key.publicJwk }, { jku: address }, { x5u: address }]) {
      const token = await provider.sign({ key, header: { ...header, kid: provider.key().kid } });
      expect(await codeOf(await me(token))).toMatch(/signature is not its issuer's/);
    }
  });

  test('is refused when another key of the same id has signed it', async () => {
    const key = await makeKey('RS256', provider.key().kid);
    expect(await codeOf(await me(await provider.sign({ key })))).toMatch(/signature is not its issuer's/);
  });

  test('is refused when a single character of it is another', async () => {
    const token = await provider.sign();
    expect((await me(token)).status).toBe(200);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const other = (text: string) => `${text.slice(0, 9)}${text[9] === 'A' ? 'B' : 'A'}${text.slice(10)}`;
    for (const forgery of [
      `${header}.${other(payload)}.${signature}`,
      `${header}.${payload}.${other(signature)}`,
      `${other(header)}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${token}.`,
    ]) {
      expect((await me(forgery)).status).toBe(401);
    }
  });

  test('is refused in a query, where histories and logs would keep it', async () => {
    const token = await provider.sign();
    const response = await service.app.request(`/v1/content/files/users/ann/a?access_token=${token}`);
    expect(await codeOf(response)).toMatch(/^401 invalid_credentials/);
  });

  test('ends when it ends, though it was verified before', async () => {
    const token = await provider.sign({ claims: { exp: now() + 30 } });
    expect((await me(token)).status).toBe(200);
    pass(61);
    expect(await codeOf(await me(token))).toMatch(/^401 token_expired/);
  });
});

describe("an issuer's keys", () => {
  test('are fetched once, whatever comes at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => provider.sign()));
    const responses = await Promise.all(tokens.map(me));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(provider.requests.get(jwksPath)).toBe(1);
  });

  test('are fetched again for a key that is new, and the old one is worth nothing then', async () => {
    const old = await provider.sign();
    expect((await me(old)).status).toBe(200);
    await provider.rotate();
    pass(30);
    expect((await me(await provider.sign())).status).toBe(200);
    pass(60);
    expect(await codeOf(await me(old))).toMatch(/no such key/);
  });

  test('are not fetched again for every made-up key id', async () => {
    expect((await me(await provider.sign())).status).toBe(200);
    for (let count = 0; count < 10; count += 1) {
      expect((await me(await provider.sign({ header: { kid: `made-up-${count}` } }))).status).toBe(401);
    }
    expect(provider.requests.get(jwksPath)).toBe(1);
  });

  test('are fetched again when they are old', async () => {
    expect((await me(await provider.sign())).status).toBe(200);
    pass(600);
    const claims = { exp: Math.floor(time / 1000) + 60 };
    expect((await me(await provider.sign({ claims }))).status).toBe(200);
    expect(provider.requests.get(jwksPath)).toBe(2);
  });

  test('stay in use while the issuer is out', async () => {
    expect((await me(await provider.sign())).status).toBe(200);
    provider.answerWith((_, response) => {
      response.writeHead(500).end();
      return true;
    });
    pass(600);
    const claims: JWTPayload = { exp: Math.floor(time / 1000) + 60 };
    expect((await me(await provider.sign({ claims }))).status).toBe(200);
    expect(service.log).toContainEqual(expect.objectContaining({ level: 'warn' }));
  });

  const outages: Readonly<Record<string, (response: ServerResponse, url?: string) => boolean>> = {
    'answers with an error': (response) => {
      response.writeHead(503).end();
      return true;
    },
    'hangs up': (response) => {
      response.destroy();
      return true;
    },
    'sends no JSON': (response) => {
      response.end('<html>');
      return true;
    },
    'sends keys without end': (response, url) => {
      if (url !== jwksPath) return false;
      const send = () => response.write('x'.repeat(65_536), () => setImmediate(send));
      response.on('error', () => undefined);
      send();
      return true;
    },
    'redirects to keys elsewhere': (response, url) => {
      if (url !== jwksPath) return false;
      response.writeHead(302, { location: '/elsewhere' }).end();
      return true;
    },
    'calls itself by another name': (response, url) => {
      if (url === jwksPath) return false;
      response.end(
        JSON.stringify({ issuer: 'https://other.example.com', jwks_uri: `${provider.issuer}/jwks` }),
      );
      return true;
    },
    'keeps its keys where anybody can change them on the way': (response, url) => {
      if (url === jwksPath) return false;
      response.end(JSON.stringify({ issuer: provider.issuer, jwks_uri: 'http://id.example.com/jwks' }));
      return true;
    },
    'publishes secrets as keys': (response, url) =>
      publish(url, response, [{ kty: 'oct', kid: 'secret', k: 'c2VjcmV0', alg: 'HS256' }]),
  };

  test.each(Object.entries(outages))('are not there when the issuer %s', async (name, outage) => {
    provider.answerWith((request, response) => outage(response, request.url));
    const answer = await codeOf(await me(await provider.sign()));
    expect(answer).toMatch(
      name === 'publishes secrets as keys' ? /^401 invalid_credentials/ : /^503 issuer_unavailable/,
    );
    expect((await service.call('GET', '/v1/me')).status, 'root still comes in').toBe(200);

    provider.answerWith(undefined);
    pass(30);
    expect((await me(await provider.sign())).status, 'and all is well again').toBe(200);
  });

  test('are not waited for longer than a few seconds', async () => {
    provider.answerWith(() => true);
    const startedAt = performance.now();
    expect(await codeOf(await me(await provider.sign()))).toMatch(/^503 issuer_unavailable/);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('several issuers', () => {
  let other: OpenIdProvider;
  let both: TestService;

  beforeAll(async () => {
    other = await startOpenIdProvider();
    await other.rotate();
  });
  afterAll(() => other.close());

  beforeEach(async () => {
    both = await openTestService({
      buckets: { files: {} },
      access: {
        issuers: [
          { issuer: provider.issuer, audience, algorithms: ['RS256'] },
          {
            issuer: other.issuer,
            audience,
            grantsClaim: 'permissions',
            tenantClaim: 'org',
            grants: [{ bucket: 'files', prefix: '${tenant}/', actions: ['read'] }],
          },
        ],
      },
    });
  });
  afterEach(() => both.stop());

  const meAt = (token: string) => both.call('GET', '/v1/me', undefined, token);

  test('each speak for their own callers, by their own rules', async () => {
    expect((await meAt(await provider.issue())).status).toBe(200);
    const response = await meAt(await other.issue({ org: 'acme', stowage: [readMine], permissions: [] }));
    expect(await response.json()).toMatchObject({
      principal: { kind: 'oidc', sub: 'the-tests' },
      tenant: 'acme',
      grants: [{ bucket: 'files', prefix: 'acme/', actions: ['read'] }],
    });
  });

  test.each([[undefined], ['a/b'], ['..'], [['acme']], [7]])('a tenant cannot be %j', async (org) => {
    expect(await codeOf(await meAt(await other.sign({ claims: { org } })))).toMatch(/^401.*"org"/);
  });

  test('cannot sign for each other', async () => {
    const { kid } = provider.key();
    for (const header of [{}, { kid }]) {
      const token = await other.sign({ claims: { iss: provider.issuer }, header });
      expect((await meAt(token)).status).toBe(401);
    }
  });

  test('may each allow fewer algorithms', async () => {
    const key = await makeKey('ES256');
    provider.answerWith((request, response) => publish(request.url, response, [key.publicJwk]));
    expect(await codeOf(await meAt(await provider.sign({ key })))).toMatch(/algorithm is not accepted/);
  });
});

function without(claim: string): JWTPayload {
  return { [claim]: undefined };
}

function compact(header: object, payload: object, sign: (text: string) => string): string {
  const text = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign(text)}`;
}

/** Answers in the provider's place when asked for its keys. */
function publish(url: string | undefined, response: ServerResponse, keys: readonly object[]): boolean {
  if (url !== jwksPath) return false;
  response.end(JSON.stringify({ keys }));
  return true;
}
