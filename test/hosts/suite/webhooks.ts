import { beforeEach, expect, test } from 'vitest';
import { newKeyAnswer } from '../../../lib/keys/schema.ts';
import {
  newWebhookAnswer,
  rotatedSecretAnswer,
  webhookAnswer,
  webhooksAnswer,
} from '../../../lib/webhooks/schema.ts';
import { refusedForms, refusedUrls } from '../../webhooks/refused.ts';
import { type Api, problemOf } from './host.ts';

/** An address out on the internet, so that no name has to be resolved. Nothing is ever sent there. */
const url = 'https://93.184.215.14/hook';

export function webhooksSuite(api: Api): void {
  beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));

  async function make(command: Readonly<Record<string, unknown>> = {}, maker = api) {
    const made = await maker.ask(newWebhookAnswer, 'POST', '/v1/webhooks', {
      url,
      enabled: false,
      ...command,
    });
    return { ...made, path: `/v1/webhooks/${made.webhookId}` };
  }

  /** The holder of a key with grants on `files`. */
  async function holder(
    actions: readonly string[],
    { prefix = '', bucket = 'files', ...more }: { prefix?: string; bucket?: string; tenant?: string } = {},
  ) {
    const { key, keyId } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', {
      name: 'of the tests',
      grants: [{ bucket, prefix, actions }],
      ...more,
    });
    return Object.assign(api.as(key), { keyId });
  }

  test('a webhook is made, and its secret is told this once', async () => {
    const filters = {
      bucket: 'files',
      prefix: 'photos/',
      suffix: '.jpg',
      eventTypes: ['object.created'],
      minSizeBytes: 1,
      maxSizeBytes: 1000,
      maxPerSecond: 5,
      description: 'Thumbnails',
    };
    const { secret, path, webhookId, ...made } = await make(filters);
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(made).toMatchObject({
      ...filters,
      url,
      enabled: false,
      state: 'disabled',
      payloadVersion: 1,
      maxConcurrency: 10,
      createdBy: { kind: 'root', sub: 'root' },
      secrets: [{ createdAt: made.createdAt }],
    });
    const { webhooks } = await api.ask(webhooksAnswer, 'GET', '/v1/webhooks');
    const listed = webhooks.find((one) => one.webhookId === webhookId);
    expect(await api.ask(webhookAnswer, 'GET', path)).toEqual(listed);
    for (const target of ['/v1/webhooks', path]) {
      expect(await (await api.call('GET', target)).text()).not.toContain('whsec_');
    }
  });

  test('it is changed field by field; null takes away', async () => {
    const { path } = await make({ bucket: 'files', prefix: 'a/', description: 'Old', maxPerSecond: 1 });
    const changed = await api.ask(webhookAnswer, 'PATCH', path, {
      url: `${url}?new`,
      prefix: null,
      maxPerSecond: null,
      eventTypes: ['object.deleted'],
      maxConcurrency: 1,
      enabled: true,
    });
    expect(changed).toMatchObject({
      url: `${url}?new`,
      bucket: 'files',
      description: 'Old',
      eventTypes: ['object.deleted'],
      maxConcurrency: 1,
      enabled: true,
      state: 'active',
    });
    expect(changed).not.toHaveProperty('prefix');
    expect(changed).not.toHaveProperty('maxPerSecond');
    expect(await api.ask(webhookAnswer, 'GET', path)).toEqual(changed);
    await api.ask(webhookAnswer, 'PATCH', path, { enabled: false });
    expect(await api.ask(webhookAnswer, 'GET', path)).toMatchObject({ enabled: false, state: 'disabled' });
  });

  test('it is deleted', async () => {
    const { path, webhookId } = await make();
    expect((await api.call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE'])
      expect(await api.refusal(method, path)).toBe('404 webhook_not_found');
    const { webhooks } = await api.ask(webhooksAnswer, 'GET', '/v1/webhooks');
    expect(webhooks.map((one) => one.webhookId)).not.toContain(webhookId);
  });

  test('a new secret joins the old ones for as long as asked', async () => {
    const { path, secret } = await make();
    const rotated = await api.ask(rotatedSecretAnswer, 'POST', `${path}/rotate-secret`, {
      overlapSeconds: 600,
    });
    expect(rotated.secret).not.toBe(secret);
    expect(Date.parse(rotated.previousUntil ?? '')).toBeGreaterThan(Date.now() + 500_000);
    const { secrets } = await api.ask(webhookAnswer, 'GET', path);
    expect(secrets.map(({ expiresAt }) => expiresAt)).toEqual([undefined, rotated.previousUntil]);
    const last = await api.ask(rotatedSecretAnswer, 'POST', `${path}/rotate-secret`, { overlapSeconds: 0 });
    expect(last).not.toHaveProperty('previousUntil');
    expect((await api.ask(webhookAnswer, 'GET', path)).secrets).toHaveLength(1);
  });

  test('every fault of what was asked for is told', async () => {
    const { errors } = await problemOf(
      await api.call('POST', '/v1/webhooks', {
        url: 1,
        prefix: '\u0001',
        eventTypes: [],
        minSizeBytes: -1,
        payloadVersion: 2,
        maxConcurrency: 0,
        secret: 'whsec_own',
      }),
    );
    expect(errors?.map(({ path }) => path).toSorted()).toEqual([
      'eventTypes',
      'maxConcurrency',
      'minSizeBytes',
      'payloadVersion',
      'prefix',
      'secret',
      'url',
    ]);
    const sizes = { url: 'http://10.0.0.1/', minSizeBytes: 2, maxSizeBytes: 1 };
    const refused = await problemOf(await api.call('POST', '/v1/webhooks', sizes));
    expect(refused.errors?.map(({ path }) => path)).toEqual(['url', 'maxSizeBytes']);
    expect(await api.refusal('POST', '/v1/webhooks', { url, bucket: 'no-such-bucket' })).toBe(
      '404 bucket_not_found',
    );
    const { path } = await make({ minSizeBytes: 10 });
    expect(await api.refusal('PATCH', path, { maxSizeBytes: 9 })).toBe('400 invalid_request');
    expect(await api.refusal('PATCH', path, { payloadVersion: 1 })).toBe('400 invalid_request');
  });

  test('no address inside is taken, neither at first nor by a change', async () => {
    const { path } = await make();
    for (const address of [...refusedUrls, ...refusedForms]) {
      for (const [method, target] of [
        ['POST', '/v1/webhooks'],
        ['PATCH', path],
      ] as const) {
        const response = await api.call(method, target, { url: address });
        const { code, errors } = await problemOf(response);
        expect([address, code, errors?.map((fault) => fault.path)]).toEqual([
          address,
          'invalid_request',
          ['url'],
        ]);
      }
    }
    expect((await api.ask(webhookAnswer, 'GET', path)).url).toBe(url);
  });

  test('who may administer and read a stretch of keys makes webhooks over it, and nowhere else', async () => {
    const caller = await holder(['admin', 'read'], { prefix: 'team/' });
    const over = (filter: object) =>
      caller.refusal('POST', '/v1/webhooks', { url, enabled: false, ...filter });
    await make({ bucket: 'files', prefix: 'team/' }, caller);
    const inside = await make({ bucket: 'files', prefix: 'team/a/' }, caller);
    for (const filter of [
      {},
      { prefix: 'team/' },
      { bucket: 'files' },
      { bucket: 'files', prefix: 'team' },
      { bucket: 'files', prefix: 'other/' },
      { bucket: 'files', suffix: 'team/' },
      { bucket: 'images', prefix: 'team/' },
      { bucket: 'no-such-bucket', prefix: 'team/' },
    ]) {
      expect(await over(filter), JSON.stringify(filter)).toBe('403 access_denied');
      const nulls = { bucket: null, prefix: null, ...filter };
      expect(await caller.refusal('PATCH', inside.path, nulls), JSON.stringify(nulls)).toBe(
        '403 access_denied',
      );
    }
    for (const actions of [['admin'], ['read'], ['write', 'delete', 'list', 'read']]) {
      const poorer = await holder(actions);
      expect(await poorer.refusal('POST', '/v1/webhooks', { url, bucket: 'files' })).toBe(
        '403 access_denied',
      );
    }
  });

  test('a denial inside of the stretch refuses it whole', async () => {
    const { key } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', {
      name: 'of the tests',
      grants: [
        { bucket: 'files', actions: ['admin', 'read'] },
        { effect: 'deny', bucket: 'files', prefix: 'secret/', actions: ['read'] },
      ],
    });
    const caller = api.as(key);
    for (const prefix of ['', 'sec', 'secret/', 'secret/a/']) {
      const wanted = { url, bucket: 'files', prefix };
      expect(await caller.refusal('POST', '/v1/webhooks', wanted), prefix).toBe('403 access_denied');
    }
    const { path } = await make({ bucket: 'files', prefix: 'open/' }, caller);
    expect(await caller.refusal('PATCH', path, { prefix: null })).toBe('403 access_denied');
    const ours = await make({ bucket: 'files' });
    expect(await caller.refusal('GET', `${ours.path}/deliveries`)).toBe('403 access_denied');
  });

  /** Each route of a webhook, with a body that it takes. */
  const routesOf = (path: string) =>
    [
      ['GET', path],
      ['PATCH', path, { description: 'mine now' }],
      ['PATCH', path, { url: `${url}?mine` }],
      ['PATCH', path, { enabled: true }],
      ['POST', `${path}/rotate-secret`],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/ping`],
      ['POST', `${path}/replay`, { from: '2026-01-01T00:00:00Z' }],
      ['DELETE', path],
    ] as const;

  test('nobody sees the webhooks of another tenant, or over what they may not administer', async () => {
    const acme = await holder(['admin', 'read'], { tenant: 'acme' });
    const ours = await make({ bucket: 'files' }, acme);
    const strangers = {
      'of another tenant': await holder(['admin', 'read'], { tenant: 'other' }),
      'of no tenant': await holder(['admin', 'read'], { bucket: '*' }),
      'of a part of it': await holder(['admin', 'read'], { tenant: 'acme', prefix: 'a/' }),
      'of another bucket': await holder(['admin', 'read'], { tenant: 'acme', bucket: 'images' }),
    };
    for (const [who, stranger] of Object.entries(strangers)) {
      const { webhooks } = await stranger.ask(webhooksAnswer, 'GET', '/v1/webhooks');
      expect(
        webhooks.map(({ webhookId }) => webhookId),
        who,
      ).not.toContain(ours.webhookId);
      for (const [method, target, body] of routesOf(ours.path)) {
        expect(await stranger.refusal(method, target, body), `${who}: ${method} ${target}`).toBe(
          '404 webhook_not_found',
        );
      }
    }
    expect(await acme.ask(webhookAnswer, 'GET', ours.path)).toMatchObject({ tenant: 'acme' });
    const reader = await holder(['read', 'list', 'write', 'delete'], { tenant: 'acme' });
    expect(await reader.refusal('GET', '/v1/webhooks')).toBe('403 access_denied');
  });

  test('who may administer but not read has no part in what a webhook gets to know', async () => {
    const { path } = await make({ bucket: 'files' });
    const admin = await holder(['admin']);
    const outcomes = [];
    for (const [method, target, body] of routesOf(path)) {
      const response = await admin.call(method, target, body);
      outcomes.push(
        `${response.status} ${method} ${target.slice(path.length)} ${JSON.stringify(body ?? {})}`,
      );
    }
    expect(outcomes).toEqual([
      '200 GET  {}',
      '200 PATCH  {"description":"mine now"}',
      `403 PATCH  {"url":"${url}?mine"}`,
      '403 PATCH  {"enabled":true}',
      '200 POST /rotate-secret {}',
      '403 GET /deliveries {}',
      '403 POST /ping {}',
      '403 POST /replay {"from":"2026-01-01T00:00:00Z"}',
      '204 DELETE  {}',
    ]);
  });

  test('what a token makes ends with it', async () => {
    const grants = [{ bucket: 'files', prefix: 'a/', actions: ['admin', 'read'] }];
    const caller = await api.delegate({ grants, expiresInSeconds: 600 });
    const made = await make({ bucket: 'files', prefix: 'a/' }, caller);
    expect(Date.parse(made.expiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 600_000);
    expect(await make({ bucket: 'files', prefix: 'a/' })).not.toHaveProperty('expiresAt');
    await caller.ask(webhookAnswer, 'PATCH', made.path, { description: 'still mine' });
    // Who changes where it goes stands behind it.
    const changed = await api.ask(webhookAnswer, 'PATCH', made.path, { url: `${url}?ours` });
    expect(changed).not.toHaveProperty('expiresAt');
  });

  test('a disabled webhook takes no ping and no replay; what is no delivery is not found', async () => {
    const { path } = await make();
    expect(await api.refusal('POST', `${path}/ping`)).toBe('409 webhook_disabled');
    expect(await api.refusal('POST', `${path}/replay`, { from: '2026-01-01T00:00:00Z' })).toBe(
      '409 webhook_disabled',
    );
    const none = `dlv_${path.slice(-16)}_000000000_${'A'.repeat(22)}`;
    for (const id of ['x', none, `dlv_${'A'.repeat(16)}_000000000_${'A'.repeat(22)}`]) {
      expect(await api.refusal('GET', `/v1/deliveries/${id}`)).toBe('404 delivery_not_found');
      expect(await api.refusal('POST', `/v1/deliveries/${id}/replay`)).toBe('404 delivery_not_found');
    }
  });
}
