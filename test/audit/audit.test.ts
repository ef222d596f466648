import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { type AuditSink, createAudit } from '../../lib/audit/audit.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';

const lineSchema = v.looseObject({ action: v.string(), decision: v.string(), requestId: v.string() });

describe('the audit log', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService({ buckets: { files: {} } }, { isLimited: true });
  });
  afterAll(() => service.stop());

  /** The lines that a request leaves. */
  async function linesOf(request: () => Promise<Response>) {
    const before = service.auditLog.length;
    await request();
    return service.auditLog.slice(before).map((line) => v.parse(lineSchema, JSON.parse(line)));
  }
  const call = (...args: Parameters<TestService['call']>) => linesOf(() => service.call(...args));

  async function tokenFor(prefix: string) {
    const grants = [{ bucket: 'files', prefix, actions: ['read', 'delete'] }];
    const answer = await service.call('POST', '/v1/tokens', { sub: 'ann', tenant: 'acme', grants });
    return v.parse(tokenAnswer, await answer.json());
  }

  test('says who, what, from where, and what came of it', async () => {
    const { token, tokenId } = await tokenFor('a/');
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'curl/8', 'x-request-id': 'request-1' };
    const peer = { address: '192.0.2.7' };
    const [line, ...others] = await linesOf(async () =>
      service.app.request('/v1/objects/files/a/1', { method: 'DELETE', headers }, { peer }),
    );
    expect(others).toEqual([]);
    expect(line).toEqual({
      type: 'audit',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      requestId: 'request-1',
      action: 'DELETE /v1/objects/{bucket}/{key}',
      decision: 'allowed',
      status: 204,
      principal: { kind: 'token', sub: 'ann', tenant: 'acme', tokenId },
      address: '192.0.2.7',
      bucket: 'files',
      key: 'a/1',
      userAgent: 'curl/8',
    });
  });

  test('has a line for each of many objects, with its own decision', async () => {
    const { token } = await tokenFor('a/');
    const downloads = { items: ['a/1', 'b/1', 'a/2'].map((key) => ({ bucket: 'files', key })) };
    expect(await call('POST', '/v1/downloads', downloads, token)).toMatchObject([
      { decision: 'allowed', key: 'a/1' },
      { decision: 'refused', key: 'b/1', rule: 'access_denied' },
      { decision: 'allowed', key: 'a/2' },
    ]);
    expect(await call('POST', '/v1/objects/files/delete', { keys: ['a/1', 'b/1'] }, token)).toMatchObject([
      { decision: 'allowed', bucket: 'files', key: 'a/1' },
      { decision: 'refused', bucket: 'files', key: 'b/1', rule: 'access_denied' },
    ]);
  });

  test.each<[string, string, string, unknown, string, object]>([
    [
      'a wrong key',
      'GET',
      '/v1/buckets',
      undefined,
      'stow_wrong',
      { rule: 'invalid_credentials', status: 401 },
    ],
    ['a listing that is refused', 'GET', '/v1/objects/files', undefined, 'token', { rule: 'access_denied' }],
    [
      'a key that is refused',
      'POST',
      '/v1/keys',
      { name: 'x', grants: [{ bucket: 'files', actions: ['read'] }] },
      'token',
      { rule: 'access_denied' },
    ],
    [
      'a body that is not valid',
      'POST',
      '/v1/uploads',
      {},
      rootKey,
      { rule: 'invalid_request', status: 400 },
    ],
  ])('tells of %s', async (_, method, path, body, credential, expected) => {
    const { token } = await tokenFor('a/');
    const lines = await call(method, path, body, credential === 'token' ? token : credential);
    expect(lines).toMatchObject([{ decision: 'refused', ...expected }]);
  });

  test('tells of a sign-in, of too many requests, and not of what anybody may look at', async () => {
    expect(await call('GET', '/v1/me')).toMatchObject([{ action: 'GET /v1/me', decision: 'allowed' }]);
    expect(await call('GET', '/v1/buckets')).toEqual([]);
    expect(await call('GET', '/v1/objects/files')).toEqual([]);
  });

  test('names the key that is made, rotated, disabled and deleted, and never its text', async () => {
    const grants = [{ bucket: 'files', actions: ['read'] }];
    const made = await service.call('POST', '/v1/keys', { name: 'ci', grants });
    const { keyId, key } = v.parse(v.object({ keyId: v.string(), key: v.string() }), await made.json());
    expect(JSON.parse(service.auditLog.at(-1) ?? '')).toMatchObject({ action: 'POST /v1/keys', keyId });
    const of = { keyId, decision: 'allowed' };
    expect(await call('PATCH', `/v1/keys/${keyId}`, { enabled: false })).toMatchObject([of]);
    expect(await call('POST', `/v1/keys/${keyId}/rotate`)).toMatchObject([of]);
    expect(await call('DELETE', `/v1/keys/${keyId}`)).toMatchObject([of]);
    expect(service.auditLog.join('\n')).not.toContain(key);
  });

  test('never holds an id that opens an upload, nor what a client puts into its name', async () => {
    const begun = await service.call('POST', '/v1/uploads', {
      bucket: 'files',
      key: 'a',
      sizeBytes: 20 * 2 ** 20,
      method: 'multipart',
    });
    const { uploadId } = v.parse(v.object({ uploadId: v.string() }), await begun.json());
    const signed = await call('POST', `/v1/uploads/${uploadId}/parts`, { partNumbers: [1, 2] });
    expect(signed).toMatchObject([{ bucket: 'files', key: 'a', count: 2 }]);
    await service.app.request('/v1/me', {
      headers: { authorization: `Bearer ${rootKey}`, 'user-agent': `x ${rootKey} access_token=a"b` },
    });
    const whole = service.auditLog.join('\n');
    for (const secret of [uploadId, rootKey, 'X-Amz-Signature']) expect(whole).not.toContain(secret);
    for (const line of service.auditLog) expect(v.is(lineSchema, JSON.parse(line))).toBe(true);
  });
});

test('one entry is one line of JSON that reads back, and turns nothing, whatever stands in it', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1 }),
      fc.constantFrom('\n', '\r', '\u2028', '\u202E', '\u0085', '"', '\\', 'access_token=x'),
    ),
  });
  fc.assert(
    fc.property(text, text, (key, userAgent) => {
      let written = '';
      const audit = createAudit((lines) => {
        written += lines;
      });
      audit.write([{ action: 'try', decision: 'refused', target: { key }, userAgent }]);
      expect(written).toMatch(/^[^\n]*\n$/);
      expect(written.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(written)).toMatchObject({ type: 'audit', decision: 'refused' });
      if (!/access_token|stowt?_/.test(key))
        expect(JSON.parse(written)).toMatchObject({ key: key.toWellFormed() });
    }),
  );
});

describe('while no line can be written', () => {
  let isFull = false;
  const lines: string[] = [];
  const append: AuditSink = (text) => {
    if (isFull) throw new Error('ENOSPC');
    lines.push(...text.trimEnd().split('\n'));
  };
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService(undefined, { appendAudit: append });
  });
  afterAll(() => service.stop());

  test('nothing happens that would leave one, what only reads goes on, and no line is lost', async () => {
    const upload = { bucket: 'files', key: 'a', sizeBytes: 1 };
    const statusOf = async (...args: Parameters<TestService['call']>) => (await service.call(...args)).status;
    isFull = true;
    // What was under way when the first line failed is done; its line is held back.
    expect(await statusOf('POST', '/v1/uploads', upload)).toBe(201);
    const refused = await service.call('POST', '/v1/uploads', upload);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'audit_unavailable' });
    expect(await statusOf('GET', '/v1/content/files/a')).toBe(503);
    expect(await statusOf('DELETE', '/v1/objects/files/a')).toBe(503);
    expect(await statusOf('GET', '/v1/objects/files')).toBe(200);
    expect(lines).toEqual([]);
    isFull = false;
    expect(await statusOf('POST', '/v1/uploads', { ...upload, key: 'b' })).toBe(201);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ key: 'a' }, { key: 'b' }]);
  });
});
