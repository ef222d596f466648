import { base64url, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { meAnswer, tokenAnswer } from '../../../lib/access/schema.ts';
import { newKeyAnswer, rotatedKeyAnswer } from '../../../lib/keys/schema.ts';
import type { Issuer } from '../../support/issuer.ts';
import { type Api, problemOf } from '../suite/host.ts';
import { mintText, tamper } from './cast.ts';

type Make = (issuer: Issuer) => string | Promise<string>;

const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
const headerOf = (issuer: Issuer, header: object) => ({
  alg: 'ES256',
  kid: issuer.kid,
  typ: 'at+jwt',
  ...header,
});

/** A token with any header and no honest signature. */
const unsigned =
  (header: object, signature = ''): Make =>
  (issuer) =>
    `${encode(headerOf(issuer, header))}.${encode(issuer.claims())}.${signature}`;

/** A token whose signature is a hash under something that everybody has. */
const hashed =
  (secretOf: (issuer: Issuer) => string, alg = 'HS256'): Make =>
  (issuer) =>
    new SignJWT(issuer.claims())
      .setProtectedHeader({ alg, kid: issuer.kid, typ: 'at+jwt' })
      .sign(new TextEncoder().encode(secretOf(issuer).padEnd(64, '\0')));

const claiming =
  (claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Make =>
  (issuer) =>
    issuer.sign(claims, header);

const pointing =
  (headerFor: (issuer: Issuer) => object): Make =>
  (issuer) =>
    issuer.forge({}, headerFor(issuer));

const now = () => Math.floor(Date.now() / 1000);
const lacking = (name: string): Make => claiming({ [name]: undefined });

/** Does anybody get in as somebody else, or for longer than they may? */
export function authenticationAttacks(api: Api, issuer: () => Issuer): void {
  test('the tokens that these attacks change are good ones', async () => {
    const me = await api.as(await issuer().sign()).ask(meAnswer, 'GET', '/v1/me');
    expect(me).toMatchObject({ principal: { kind: 'oidc', sub: 'ann' }, tenant: 'acme' });
  });

  test.each<[name: string, make: Make]>([
    ['alg:none', unsigned({ alg: 'none' })],
    ['alg:None', unsigned({ alg: 'None' })],
    ['alg:NONE with a signature', unsigned({ alg: 'NONE' }, 'AAAA')],
    ['no algorithm', unsigned({ alg: undefined })],
    ['an empty algorithm', unsigned({ alg: '' })],
    ['a list of algorithms', unsigned({ alg: ['ES256', 'none'] })],
    ['no signature', async (of) => `${(await of.sign()).split('.').slice(0, 2).join('.')}.`],
    ['no third part', async (of) => (await of.sign()).split('.').slice(0, 2).join('.')],
    ['algorithm confusion: HS256 with the public key in PEM', hashed((of) => of.publicPem)],
    ['algorithm confusion: HS256 with the public key as JWK', hashed((of) => JSON.stringify(of.publicJwk))],
    ['algorithm confusion: HS512 with the public key in PEM', hashed((of) => of.publicPem, 'HS512')],
    ['HS256 with an empty secret', hashed(() => '')],
    ['HS256 with the id of the key', hashed((of) => of.kid)],
    ['algorithm confusion: RS256 for a key of ES256', unsigned({ alg: 'RS256' }, 'A'.repeat(342))],
    ['algorithm confusion: ES384 for a key of ES256', unsigned({ alg: 'ES384' }, 'A'.repeat(128))],
    ['algorithm confusion: EdDSA for a key of ES256', unsigned({ alg: 'EdDSA' }, 'A'.repeat(86))],
    ['a signature of zeros (CVE-2022-21449)', unsigned({}, 'A'.repeat(86))],
    ['a signature in DER', unsigned({}, base64url.encode(Buffer.from('3006020100020100', 'hex')))],
    ['the signature of a stranger under the same key id', (of) => of.forge()],
    ['a key id that is not there', claiming({}, { kid: 'another' })],
    ['kid injection: a path', claiming({}, { kid: '../../../../dev/null' })],
    ['kid injection: SQL', claiming({}, { kid: "x' UNION SELECT 'secret" })],
    ['kid injection: a command', claiming({}, { kid: '|cat /etc/passwd' })],
    ['kid injection: an address', (of) => of.sign({}, { kid: `${of.address}/of-the-attacker` })],
    ['kid injection: a prototype', claiming({}, { kid: '__proto__' })],
    ['jku to the keys of the attacker', pointing((of) => ({ jku: `${of.address}/of-the-attacker` }))],
    ['x5u to the certificate of the attacker', pointing((of) => ({ x5u: `${of.address}/of-the-attacker` }))],
    ['jwk: the key of the attacker itself', pointing((of) => ({ jwk: of.publicJwk }))],
    ['x5c: a certificate of the attacker', pointing(() => ({ x5c: ['MIIB'] }))],
    ['a critical extension that nobody knows', claiming({}, { crit: ['evil'], evil: true })],
    ['typ of a logout token', claiming({}, { typ: 'logout+jwt' })],
    ['typ of a DPoP proof', claiming({}, { typ: 'dpop+jwt' })],
    ['typ of a security event', claiming({}, { typ: 'secevent+jwt' })],
    ['its end in the past', claiming({ exp: now() - 3600 })],
    ['no end', lacking('exp')],
    ['its beginning in the future', claiming({ nbf: now() + 3600 })],
    ['another audience', claiming({ aud: 'another-service' })],
    ['an audience that begins alike', claiming({ aud: 'stowage-evil' })],
    ['no audience', lacking('aud')],
    ['another issuer', claiming({ iss: 'https://evil.example' })],
    ['an issuer with a slash more', (of) => of.sign({ iss: `${of.address}/` })],
    ['an issuer in another case', (of) => of.sign({ iss: of.address.toUpperCase() })],
    ['an issuer below the trusted one', (of) => of.sign({ iss: `${of.address}/of-the-attacker` })],
    ['no issuer', lacking('iss')],
    ['no subject', lacking('sub')],
    ['a subject that reaches into the folder of another', claiming({ sub: 'bob/../ann' })],
    ['a subject of two dots', claiming({ sub: '..' })],
    ['a subject with a slash', claiming({ sub: 'ann/' })],
    ['an empty subject', claiming({ sub: '' })],
    ['a subject of control characters', claiming({ sub: 'ann\n' })],
    ['no tenant', lacking('org')],
    ['a tenant of two dots', claiming({ org: '..' })],
    ['a tenant with a slash', claiming({ org: 'acme/ann' })],
    ['a list of tenants', claiming({ org: ['evil', 'acme'] })],
    ['an object as tenant', claiming({ org: { toString: 'acme' } })],
    ['grants that are none', claiming({ stowage: 'everything' })],
    ['a grant of unknown actions', claiming({ stowage: [{ bucket: 'files', actions: ['everything'] }] })],
    ['a binding to a key that is not shown (cnf)', claiming({ cnf: { jkt: 'AAAA' } })],
    ['five parts', (of) => `${encode(headerOf(of, { enc: 'A256GCM' }))}.a.b.c.d`],
    ['claims that are a list', (of) => `${encode(headerOf(of, {}))}.${encode([of.claims()])}.AAAA`],
    ['claims that are no JSON', (of) => `${encode(headerOf(of, {}))}.AAAA.AAAA`],
  ])('a token of the issuer with %s is none', async (_, make) => {
    const target = '/v1/me';
    const answer = await problemOf(await api.as(await make(issuer())).call('GET', target));
    expect(answer.status).toBe(401);
    expect(['invalid_credentials', 'token_expired']).toContain(answer.code);
    expect(issuer().asked).not.toContain('/of-the-attacker');
  });

  test.each<[name: string, change: (token: string) => string]>([
    ['its header', (token) => tamper(token, 5)],
    ['its claims', (token) => tamper(token, token.indexOf('.') + 20)],
    ['its signature', (token) => tamper(token, token.lastIndexOf('.') + 10)],
    ['dots', (token) => token.replace('.', '..')],
    ['the claims of another', (token) => token.replace(/\.[^.]+\./, `.${encode({ sub: 'root' })}.`)],
  ])('a token of the issuer is none with a change of %s', async (_, change) => {
    expect(await api.as(change(await issuer().sign())).refusal('GET', '/v1/me')).toBe(
      '401 invalid_credentials',
    );
  });

  test('the subject "root" of an issuer is not root', async () => {
    const caller = api.as(await issuer().sign({ sub: 'root' }));
    expect(await caller.refusal('GET', '/v1/objects/files')).toBe('403 access_denied');
    expect(await caller.refusal('GET', '/v1/keys')).toBe('403 access_denied');
  });

  test('a subject that is a template fills in nothing', async () => {
    const { grants } = await api.as(await issuer().sign({ sub: '${tenant}' })).ask(meAnswer, 'GET', '/v1/me');
    expect(grants.map(({ prefix }) => prefix)).toEqual(['acme/${tenant}/']);
  });

  test.each<[name: string, headers: (credential: string) => Record<string, string>]>([
    ['in Basic authentication', (credential) => ({ authorization: `Basic ${btoa(`root:${credential}`)}` })],
    ['as a user name', (credential) => ({ authorization: `Basic ${btoa(`${credential}:`)}` })],
    ['without a scheme', (credential) => ({ authorization: credential })],
    ['with another scheme', (credential) => ({ authorization: `Token ${credential}` })],
    ['twice', (credential) => ({ authorization: `Bearer ${credential}, Bearer ${credential}` })],
    ['after another', (credential) => ({ authorization: `Bearer x ${credential}` })],
    ['in quotes', (credential) => ({ authorization: `Bearer "${credential}"` })],
    ['as a parameter', (credential) => ({ authorization: `Bearer token=${credential}` })],
    ['in a cookie', (credential) => ({ cookie: `authorization=Bearer ${credential}; token=${credential}` })],
    ['for a proxy', (credential) => ({ 'proxy-authorization': `Bearer ${credential}` })],
    ['in X-API-Key', (credential) => ({ 'x-api-key': credential })],
    ['in X-Authorization', (credential) => ({ 'x-authorization': `Bearer ${credential}` })],
    ['as forwarded', (credential) => ({ 'x-forwarded-authorization': `Bearer ${credential}` })],
  ])('the root key %s lets nobody in', async (_, headers) => {
    expect((await api.raw('GET', '/v1/me', headers(api.credential))).status).toBe(401);
  });

  test.each([
    ['x-forwarded-user', 'root'],
    ['x-remote-user', 'root'],
    ['x-user-id', 'root'],
    ['x-amzn-oidc-data', 'e30.e30.AAAA'],
    ['x-amzn-mtls-clientcert-subject', 'CN=root'],
    ['x-client-cert', 'CN=root'],
    ['x-ssl-client-s-dn', 'CN=root'],
    ['x-forwarded-client-cert', 'Subject="CN=root"'],
    ['client-cert', ':MIIB:'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-internal', 'true'],
    ['via', '1.1 stowage'],
  ])('the header %s makes nobody root', async (name, value) => {
    expect((await api.raw('GET', '/v1/me', { [name]: value })).status).toBe(401);
  });

  test.each([
    ['for a route that is none of content', '/v1/me?access_token='],
    ['for a listing', '/v1/objects/files?access_token='],
    ['under another name', '/v1/content/files/mine/a?token='],
    ['in another case', '/v1/content/files/mine/a?ACCESS_TOKEN='],
    ['in the path', '/v1/content/files/mine/a;access_token='],
  ])('a delegated token in an address lets nobody in %s', async (_, target) => {
    expect((await api.raw('GET', target + (await mintText(api)))).status).toBe(401);
  });

  test('neither a key nor a token of an issuer counts in an address', async () => {
    const target = '/v1/content/files/mine/a?access_token=';
    for (const credential of [api.credential, await issuer().sign()]) {
      expect((await api.raw('GET', target + credential)).status).toBe(401);
    }
  });

  test.each<[name: string, change: (token: string) => string]>([
    ['cut', (token) => token.slice(0, -1)],
    ['extended', (token) => `${token}A`],
    ['of another key generation', (token) => tamper(token, 'stowt_'.length)],
    ['with another nonce', (token) => tamper(token, 'stowt_'.length + 10)],
    ['with other grants', (token) => tamper(token, 60)],
    ['with another tag', (token) => tamper(token, token.length - 2)],
    ['padded', (token) => `${token}=`],
    ['without its prefix', (token) => token.replace('stowt_', '')],
    ['with the prefix of a key', (token) => token.replace('stowt_', 'stow_')],
    ['with its prefix twice', (token) => `stowt_${token}`],
    ['in capitals', (token) => token.toUpperCase()],
    ['empty', () => 'stowt_'],
  ])('a delegated token %s is none', async (_, change) => {
    const changed = change(await mintText(api));
    expect(await api.as(changed).refusal('GET', '/v1/me')).toBe('401 invalid_credentials');
  });

  test.each<[name: string, change: (key: string) => string]>([
    ['cut', (key) => key.slice(0, -1)],
    ['extended', (key) => `${key}A`],
    ['in capitals', (key) => key.toUpperCase()],
    ['without its prefix', (key) => key.replace('stow_', '')],
    ['cut to its prefix', () => 'stow_'],
    ['as its own hash', () => 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['with a wildcard', () => 'stow_*'],
    ['with a percent sign of SQL', () => 'stow_~'],
  ])('the root key %s is none', async (_, change) => {
    expect((await api.as(change(api.credential)).call('GET', '/v1/me')).status).toBe(401);
  });

  test('a token lives no longer than what it was made with, nor does what it signs', async () => {
    const brief = await api.delegate({
      grants: [{ bucket: 'files', prefix: 'mine/', actions: ['read', 'write'] }],
      expiresInSeconds: 60,
    });
    const end = Date.now() + 60_000;
    const { expiresAt } = await brief.ask(tokenAnswer, 'POST', '/v1/tokens', {
      grants: [{ bucket: 'files', prefix: 'mine/', actions: ['read'] }],
      expiresInSeconds: 43_200,
    });
    expect(Date.parse(expiresAt)).toBeLessThanOrEqual(end);

    const week = { expiresInSeconds: 604_800 };
    const item = { bucket: 'files', key: 'mine/a' };
    const multipart = { ...item, sizeBytes: 20 * 2 ** 20, method: 'multipart', ...week };
    const begun = await (await brief.call('POST', '/v1/uploads', multipart)).json();
    const answers: unknown[] = [
      begun,
      await (
        await brief.call('POST', `/v1/uploads/${begun.uploadId}/parts`, { partNumbers: [1], ...week })
      ).json(),
      await (await brief.call('POST', '/v1/downloads', { items: [item], ...week })).json(),
      await (await brief.call('POST', '/v1/uploads', { ...item, sizeBytes: 1, ...week })).json(),
      await (
        await brief.call('POST', '/v1/uploads', { ...item, sizeBytes: 1, method: 'form', ...week })
      ).json(),
      (await brief.call('GET', '/v1/content/files/mine/a')).headers.get('location'),
    ];
    const text = JSON.stringify(answers);
    const ends = Array.from(text.matchAll(/"expiresAt":"([^"]+)"/g), ([, at = '']) => Date.parse(at));
    const lives = Array.from(text.matchAll(/X-Amz-Expires=(\d+)/g), ([, seconds]) => Number(seconds));
    expect([ends.length, lives.length]).toEqual([7, 6]);
    for (const at of ends) expect(at).toBeLessThanOrEqual(end);
    for (const seconds of lives) expect(seconds).toBeLessThanOrEqual(60);
    expect((await brief.call('DELETE', `/v1/uploads/${begun.uploadId}`)).status).toBe(204);
  });

  describe('replay', () => {
    beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));

    const grants = [{ bucket: 'files', prefix: 'mine/', actions: ['read', 'write'] }];
    const makeKey = (command: Readonly<Record<string, unknown>> = {}, maker: Api = api) =>
      maker.ask(newKeyAnswer, 'POST', '/v1/keys', { name: 'of the attacks', grants, ...command });
    const statusOf = async (credential: string) => (await api.as(credential).call('GET', '/v1/me')).status;

    test('the old text of a rotated key', async () => {
      const { key, keyId } = await makeKey();
      const rotated = await api.ask(rotatedKeyAnswer, 'POST', `/v1/keys/${keyId}/rotate`, {});
      expect([await statusOf(key), await statusOf(rotated.key)]).toEqual([401, 200]);
    });

    test('a disabled key, and a deleted one', async () => {
      const { key, keyId } = await makeKey();
      await api.call('PATCH', `/v1/keys/${keyId}`, { enabled: false });
      expect(await statusOf(key)).toBe(401);
      await api.call('DELETE', `/v1/keys/${keyId}`);
      expect(await statusOf(key)).toBe(401);
    });

    test('a revoked token, and what was made with it: tokens, uploads and keys', async () => {
      const admin = { bucket: '*', actions: ['read', 'write', 'delete', 'list', 'admin'] };
      const { token, tokenId } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', { grants: [admin] });
      const holder = api.as(token);
      const child = await holder.delegate({ grants });
      const { key } = await makeKey({}, holder);
      const { uploadId } = await holder.begin({ key: 'mine/a' });
      expect([await statusOf(key), await statusOf(child.credential)]).toEqual([200, 200]);

      expect((await api.call('POST', '/v1/tokens/revoke', { tokenId })).status).toBe(204);
      expect([await statusOf(token), await statusOf(child.credential), await statusOf(key)]).toEqual([
        401, 401, 401,
      ]);
      expect(await api.refusal('POST', `/v1/uploads/${uploadId}/complete`)).toBe('401 credentials_revoked');
    });

    test('the secret of one key under the id of another', async () => {
      const [one, other] = [await makeKey(), await makeKey()];
      const mixed = one.key.replace(one.keyId, other.keyId);
      expect(await statusOf(mixed)).toBe(401);
    });

    test('an unknown key, a mistyped one, and a wrong secret are told apart by nobody', async () => {
      const [one, other] = [await makeKey(), await makeKey()];
      const { keyId } = await makeKey();
      await api.call('PATCH', `/v1/keys/${keyId}`, { enabled: false });
      const guesses = [
        tamper(one.key, 30),
        one.key.replace(one.keyId, other.keyId),
        one.key.replace(one.keyId, keyId),
        'stow_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000',
        'stow_x',
      ];
      const answers = await Promise.all(
        guesses.map(async (guess) => {
          const { requestId: _, ...document } = await problemOf(await api.as(guess).call('GET', '/v1/me'));
          return document;
        }),
      );
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    });
  });
}
