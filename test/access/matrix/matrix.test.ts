import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenAnswer } from '../../../lib/access/schema.ts';
import { newKeyAnswer } from '../../../lib/keys/schema.ts';
import { operations } from '../../../lib/openapi/operations.ts';
import { uploadAnswer } from '../../../lib/uploads/schema.ts';
import { acceptedAnswer } from '../../../lib/webhooks/delivery-schema.ts';
import { newWebhookAnswer } from '../../../lib/webhooks/schema.ts';
import { openTestService, rootKey, type TestService } from '../../support/service.ts';
import { mayDo } from './oracle.ts';
import { rows, type Target } from './rows.ts';
import { shapes } from './shapes.ts';

/**
 * The authorization matrix: every route of the contract × every shape of grants × what is the caller's own and what is
 * another tenant's, held against an oracle that was written apart from the implementation.
 */
describe('the authorization matrix', () => {
  const caller = { sub: 'ann', tenant: 'acme' };
  const stranger = { sub: 'mallory', tenant: 'evil' };
  const everything = { bucket: '*', actions: ['read', 'write', 'delete', 'list', 'admin'] };
  let service: TestService;
  let tokens: Readonly<Record<string, string>>;
  let targets: Readonly<Record<'own' | "another tenant's", Target>>;

  beforeAll(async () => {
    service = await openTestService({ buckets: { files: {}, images: {} } });
    const minted = Object.entries(shapes).map(async ([name, grants]) => [name, await mint(grants, caller)]);
    tokens = Object.fromEntries(await Promise.all(minted));
    targets = { own: await targetOf(caller), "another tenant's": await targetOf(stranger) };
  });
  afterAll(() => service.stop());

  async function ask<T>(
    schema: v.GenericSchema<unknown, T>,
    path: string,
    body: unknown,
    credential = rootKey,
  ) {
    const response = await service.call('POST', path, body, credential);
    const text = await response.text();
    expect(response.ok, text).toBe(true);
    return v.parse(schema, JSON.parse(text));
  }

  async function mint(grants: readonly object[], names: { sub: string; tenant: string }): Promise<string> {
    return (await ask(tokenAnswer, '/v1/tokens', { grants, ...names })).token;
  }

  async function targetOf({ sub, tenant }: typeof caller): Promise<Target> {
    const holder = await mint([everything], { sub, tenant });
    const folder = `${tenant}/${sub}/`;
    const key = `${folder}photo`;
    const upload = { bucket: 'files', key, sizeBytes: 5, contentType: 'image/png', method: 'multipart' };
    const webhook = { url: 'https://93.184.215.14/', bucket: 'files', prefix: folder };
    const keptAt = (route: string, make: () => Promise<string>) => {
      let id = '';
      return async () => {
        const isThere = id !== '' && (await service.call('GET', `/v1/${route}/${id}`)).status === 200;
        return isThere ? id : (id = await make());
      };
    };
    const webhookId = keptAt(
      'webhooks',
      async () => (await ask(newWebhookAnswer, '/v1/webhooks', webhook, holder)).webhookId,
    );
    const { uploadId } = await ask(uploadAnswer, '/v1/uploads', upload, holder);
    const token = { grants: [everything], sub: 'other', tenant };
    const { tokenId } = await ask(tokenAnswer, '/v1/tokens', token);
    const newKey = { name: 'a', tenant, grants: [{ bucket: '*', actions: ['admin'] }] };
    const ping = async () => ask(acceptedAnswer, `/v1/webhooks/${await webhookId()}/ping`, undefined, holder);
    return {
      tenant,
      key,
      folder,
      uploadId,
      tokenId,
      keyId: keptAt('keys', async () => (await ask(newKeyAnswer, '/v1/keys', newKey)).keyId),
      webhookId,
      deliveryId: keptAt('deliveries', async () => (await ping()).deliveryId ?? ''),
    };
  }

  /** By which a route says that the caller may not do this, or that what it names is none of theirs. */
  const refusals = new Set([
    'unauthenticated',
    'access_denied',
    'grant_exceeds_caller',
    'object_too_large',
    'content_type_not_allowed',
    'key_not_found',
    'webhook_not_found',
    'delivery_not_found',
  ]);

  async function isLetIn(operation: (typeof operations)[number], target: Target, credential?: string) {
    const row = rows[operation.operationId];
    if (!row) throw new Error(operation.operationId);
    const [path, body] = await row.send(target);
    const response = await service.app.request(path, {
      method: operation.method.toUpperCase(),
      headers: {
        ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.status, `${path}: ${text}`).toBeLessThan(500);
    if (operation.operationId === 'createToken' && response.ok) {
      const { token } = v.parse(tokenAnswer, JSON.parse(text));
      return (await service.call('GET', `/v1/content/files/${target.key}`, undefined, token)).status === 302;
    }
    const codes = Array.from(text.matchAll(/"code":"(\w+)"/g), ([, code = '']) => code);
    return !codes.some((code) => refusals.has(code));
  }

  test('has a row for each route of the contract, and no other', () => {
    const hint =
      'Each route needs a row in test/access/matrix/rows.ts, which says what it takes and sends a request: ' +
      "getVersions: onKey('read', ({ key }) => [`/v1/versions/files/${key}`]),";
    expect(Object.keys(rows).toSorted(), hint).toEqual(
      operations.map(({ operationId }) => operationId).toSorted(),
    );
  });

  test.each(
    operations.map((operation) => [operation.operationId, operation] as const).filter(([id]) => id in rows),
  )('%s', async (operationId, operation) => {
    const differences: string[] = [];
    const tried = { allowed: 0, refused: 0 };
    for (const [whose, target] of Object.entries(targets)) {
      const takes = rows[operationId]?.takes(target) ?? [];
      const expectations: [shape: string, expected: boolean, credential: string | undefined][] = [
        ['no credential', takes === 'nothing', undefined],
        ...Object.entries(shapes).map(([shape, grants]): [string, boolean, string | undefined] => [
          shape,
          typeof takes === 'string' || takes.every((deed) => mayDo(grants, caller, deed)),
          tokens[shape],
        ]),
      ];
      for (const [shape, expected, credential] of expectations) {
        tried[expected ? 'allowed' : 'refused'] += 1;
        if ((await isLetIn(operation, target, credential)) !== expected) {
          differences.push(`${shape}, ${whose}: should be ${expected ? 'let in' : 'refused'}`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect(tried.allowed).toBeGreaterThan(0);
  });
});
