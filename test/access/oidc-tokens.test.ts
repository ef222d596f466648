import { createHmac } from 'node:crypto';
import { exportSPKI, type JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import { audience, makeKey, type SignOptions } from '../support/openid-provider.ts';
import { describeRefusal, publish, readMine, trustingService } from './trusting-service.ts';

const trusting = trustingService();

describe('an access token of an OpenID provider', () => {
  test('as the provider issues it says who calls and what they may do', async () => {
    const response = await trusting().me(
      await trusting().provider.issue({ groups: ['staff', 'editors'], stowage: [readMine] }),
    );
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
    const token = await trusting().provider.issue();
    const upload = (key: string) =>
      trusting().service.call('POST', '/v1/uploads', { bucket: 'files', key, sizeBytes: 1 }, token);
    expect((await upload('users/the-tests/a')).status).toBe(201);
    expect(await describeRefusal(await upload('users/other/a'))).toMatch(/^403 access_denied/);
  });

  test('makes delegated tokens in its own name alone', async () => {
    const token = await trusting().provider.issue();
    const mint = (wish: object) =>
      trusting().service.call(
        'POST',
        '/v1/tokens',
        { grants: [{ bucket: 'files', prefix: 'users/${sub}/', actions: ['read'] }], ...wish },
        token,
      );
    expect((await mint({})).status).toBe(201);
    expect(await describeRefusal(await mint({ sub: 'other' }))).toMatch(/^403 grant_exceeds_caller/);
    expect(await describeRefusal(await mint({ tenant: 'other' }))).toMatch(/^403 grant_exceeds_caller/);
  });

  test.each(['RS256', 'PS384', 'ES256', 'ES512', 'Ed25519'])('may be signed with %s', async (alg) => {
    const key = await makeKey(alg);
    trusting().provider.answerWith((request, response) => publish(request.url, response, [key.publicJwk]));
    expect((await trusting().me(await trusting().provider.sign({ key }))).status).toBe(200);
  });

  const now = () => trusting().now();
  const refused: Readonly<Record<string, readonly [make: () => SignOptions, answer: RegExp]>> = {
    'for another audience': [() => ({ claims: { aud: 'https://other.example.com' } }), /"aud"/],
    'for no audience': [() => ({ claims: without('aud') }), /"aud"/],
    'of another issuer': [() => ({ claims: { iss: 'https://evil.example.com' } }), /issuer/],
    'of an issuer that is nearly ours': [
      () => ({ claims: { iss: `${trusting().provider.issuer}/` } }),
      /issuer/,
    ],
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
    const response = await trusting().me(await trusting().provider.sign(make()));
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    const text = await describeRefusal(response);
    expect(text).toMatch(/^401 (?:invalid_credentials|token_expired)/);
    expect(text).toMatch(answer);
  });

  test('is taken within the tolerance for clocks', async () => {
    const claims = { exp: now() - 20, nbf: now() + 20 };
    expect((await trusting().me(await trusting().provider.sign({ claims }))).status).toBe(200);
  });

  test('is refused unsigned, or signed with what everybody knows', async () => {
    const { kid, publicKey } = trusting().provider.key();
    const payload = { iss: trusting().provider.issuer, aud: audience, sub: 'ann', exp: now() + 300 };
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
      expect(await describeRefusal(await trusting().me(forgery))).toMatch(/^401 invalid_credentials/);
    }
  });

  test('is refused when its header brings, or points to, a key of its own', async () => {
    const key = await makeKey();
    const address = 'http://127.0.0.1:9/jwks';
    for (const header of [{ jwk: key.publicJwk }, { jku: address }, { x5u: address }]) {
      const token = await trusting().provider.sign({
        key,
        header: { ...header, kid: trusting().provider.key().kid },
      });
      expect(await describeRefusal(await trusting().me(token))).toMatch(/signature is not its issuer's/);
    }
  });

  test('is refused when another key of the same id has signed it', async () => {
    const key = await makeKey('RS256', trusting().provider.key().kid);
    expect(await describeRefusal(await trusting().me(await trusting().provider.sign({ key })))).toMatch(
      /signature is not its issuer's/,
    );
  });

  test('is refused when a single character of it is another', async () => {
    const token = await trusting().provider.sign();
    expect((await trusting().me(token)).status).toBe(200);
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
      expect((await trusting().me(forgery)).status).toBe(401);
    }
  });

  test('is refused in a query, where histories and logs would keep it', async () => {
    const token = await trusting().provider.sign();
    const response = await trusting().service.app.request(
      `/v1/content/files/users/ann/a?access_token=${token}`,
    );
    expect(await describeRefusal(response)).toMatch(/^401 invalid_credentials/);
  });

  test('ends when it ends, though it was verified before', async () => {
    const token = await trusting().provider.sign({ claims: { exp: now() + 30 } });
    expect((await trusting().me(token)).status).toBe(200);
    trusting().pass(61);
    expect(await describeRefusal(await trusting().me(token))).toMatch(/^401 token_expired/);
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
