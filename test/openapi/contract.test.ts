import { readFileSync } from 'node:fs';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openapiDocument } from '../../lib/openapi/document.ts';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import { operations } from '../../lib/openapi/operations.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { acceptedAnswer } from '../../lib/webhooks/delivery-schema.ts';
import { newWebhookAnswer } from '../../lib/webhooks/schema.ts';
import { testCdn } from '../support/cdn-key.ts';
import { s3Record } from '../events/messages.ts';
import { openTestService, type TestService } from '../support/service.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

describe('the contract', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService(
      {
        buckets: { files: { cdn: {} } },
        quotas: [{ tenant: '*', bucket: 'files', maxBytes: 1e9 }],
      },
      { cdn: testCdn },
    );
  });
  afterAll(() => service.stop());

  test('in the tree is the one that the schemas give', () => {
    const written = readFileSync('lib/openapi/openapi.json', 'utf8');
    expect(written, 'run: npm run build:contract').toBe(`${JSON.stringify(openapiDocument(), null, 2)}\n`);
  });

  test('names each route that the app has, and no other', () => {
    const routes = service.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(
        ({ method, path }) =>
          `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}').replace(/(?<=.)\/$/, '')}`,
      );
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(new Set(routes)).toEqual(new Set(documented));
  });

  /** A call of each operation: its path and body, made when it is its turn. */
  async function begin(body: Readonly<Record<string, unknown>>) {
    const response = await service.call('POST', '/v1/uploads', { bucket: 'files', ...body });
    return v.parse(uploadAnswer, await response.json());
  }
  async function store(key: string) {
    const upload = await begin({ key, sizeBytes: 1, method: 'put' });
    if (upload.method === 'put')
      await fetch(upload.put.url, { method: 'PUT', headers: upload.put.headers, body: '.' });
    return upload;
  }
  const newKey = { name: 'ci', grants: [{ bucket: 'files', actions: ['read'] }] };
  const makeKey = async () =>
    v.parse(newKeyAnswer, await (await service.call('POST', '/v1/keys', newKey)).json()).keyId;
  const newWebhook = { url: 'https://93.184.215.14/', bucket: 'files', prefix: 'of-webhooks/' };
  const makeWebhook = async () => {
    const made = await service.call('POST', '/v1/webhooks', newWebhook);
    return `/v1/webhooks/${v.parse(newWebhookAnswer, await made.json()).webhookId}`;
  };
  const ping = async (webhook: string) => {
    const pinged = await service.call('POST', `${webhook}/ping`);
    return v.parse(acceptedAnswer, await pinged.json()).deliveryId;
  };
  const multipart = (key: string) => begin({ key, sizeBytes: 20 * 2 ** 20, method: 'multipart' });

  const calls: Readonly<Record<string, () => Promise<readonly [path: string, body?: unknown]>>> = {
    getLiveness: async () => ['/health/live'],
    getReadiness: async () => ['/health/ready'],
    getContract: async () => ['/openapi.json'],
    listSignInProviders: async () => ['/v1/sign-in'],
    getMe: async () => ['/v1/me'],
    createToken: async () => [
      '/v1/tokens',
      { grants: [{ bucket: 'files', prefix: 'a/', actions: ['read'] }] },
    ],
    revokeToken: async () => ['/v1/tokens/revoke', { tokenId: 'AAAAAAAAAAAAAAAA' }],
    createKey: async () => ['/v1/keys', newKey],
    listKeys: async () => ['/v1/keys'],
    getKey: async () => [`/v1/keys/${await makeKey()}`],
    changeKey: async () => [`/v1/keys/${await makeKey()}`, { enabled: false }],
    rotateKey: async () => [`/v1/keys/${await makeKey()}/rotate`, { overlapSeconds: 60 }],
    deleteKey: async () => [`/v1/keys/${await makeKey()}`],
    listBuckets: async () => ['/v1/buckets'],
    createUpload: async () => ['/v1/uploads', { bucket: 'files', key: 'a', sizeBytes: 1 }],
    listUploads: async () => {
      await multipart('found');
      return ['/v1/uploads?bucket=files&prefix=fo'];
    },
    getUpload: async () => [`/v1/uploads/${(await multipart('looked-at')).uploadId}`],
    abortUpload: async () => [`/v1/uploads/${(await multipart('aborted')).uploadId}`],
    signParts: async () => [
      `/v1/uploads/${(await multipart('signed')).uploadId}/parts`,
      { partNumbers: [2, 1] },
    ],
    completeUpload: async () => [`/v1/uploads/${(await store('completed')).uploadId}/complete`],
    createDownloads: async () => [
      '/v1/downloads',
      {
        items: [
          { bucket: 'files', key: 'a' },
          { bucket: 'none', key: 'a' },
        ],
      },
    ],
    createDownloadCookies: async () => ['/v1/downloads/cookies', { bucket: 'files', prefix: 'films/' }],
    getContent: async () => ['/v1/content/files/some/key?disposition=inline'],
    listObjects: async () => {
      await store('listed/a');
      return ['/v1/objects/files?prefix=listed/&limit=1'];
    },
    getObject: async () => {
      await store('listed/a');
      return ['/v1/objects/files/listed/a'];
    },
    deleteObject: async () => ['/v1/objects/files/listed/a'],
    deleteObjects: async () => ['/v1/objects/files/delete', { keys: ['a', '../b'] }],
    restoreObjects: async () => ['/v1/objects/files/restore', { keys: ['a', '../b'], days: 1 }],
    getLifecycle: async () => ['/v1/lifecycle/files'],
    putLifecycle: async () => ['/v1/lifecycle/files', { rules: [{ expireAfterDays: 1 }] }],
    getUsage: async () => {
      await begin({ key: 'reserved', sizeBytes: 1 });
      return ['/v1/usage'];
    },
    listUsageDays: async () => {
      await store('counted');
      return ['/v1/usage/days?bucket=files&from=2026-01-01&to=2026-12-31'];
    },
    notify: async () => [
      '/v1/notifications',
      { Records: [s3Record('ObjectCreated:Put'), s3Record('ObjectRemoved:Delete')] },
    ],
    listEvents: async () => {
      await store('happened/a');
      await service.tellEvents();
      return ['/v1/events?bucket=files&sinceSeconds=60'];
    },
    createWebhook: async () => ['/v1/webhooks', newWebhook],
    listWebhooks: async () => ['/v1/webhooks'],
    getWebhook: async () => [await makeWebhook()],
    changeWebhook: async () => [await makeWebhook(), { prefix: null, eventTypes: ['object.created'] }],
    rotateWebhookSecret: async () => [`${await makeWebhook()}/rotate-secret`],
    deleteWebhook: async () => [await makeWebhook()],
    listDeliveries: async () => {
      const webhook = await makeWebhook();
      await ping(webhook);
      return [`${webhook}/deliveries?limit=1`];
    },
    pingWebhook: async () => [`${await makeWebhook()}/ping`],
    replayDeliveries: async () => [`${await makeWebhook()}/replay`, { from: '2026-01-01T00:00:00Z' }],
    getDelivery: async () => [`/v1/deliveries/${await ping(await makeWebhook())}`],
    replayDelivery: async () => [`/v1/deliveries/${await ping(await makeWebhook())}/replay`],
  };

  test('has a call here for each operation', () => {
    expect(new Set(Object.keys(calls))).toEqual(new Set(operations.map(({ operationId }) => operationId)));
  });

  test.each(operations.map(({ operationId, ...rest }) => [operationId, rest] as const))(
    '%s answers as documented, and leaves its line in the audit log',
    async (operationId, { method, path: template, answer, isPublic }) => {
      const [path, body] = (await calls[operationId]?.()) ?? [''];
      const response = await service.call(method.toUpperCase(), path, body);
      const text = await response.text();
      const issues = /X-Amz-Signature/i.test(text + (response.headers.get('location') ?? ''));
      const auditLines = service.auditLog.filter((line) =>
        line.includes(`"requestId":"${response.headers.get('x-request-id')}"`),
      );
      if (method !== 'get' || issues) expect(auditLines).not.toEqual([]);
      for (const line of auditLines) {
        expect(JSON.parse(line)).toMatchObject({
          action: `${method.toUpperCase()} ${template}`,
          decision: expect.stringMatching(/^(allowed|refused)$/),
          principal: { kind: 'root', sub: 'root' },
        });
        expect(line).not.toMatch(/X-Amz-|stowt?_\w{12}/);
      }
      expect(response.status, text).toBe(answer.status);
      expect(response.headers.get('x-request-id')).toBeTruthy();
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      // CloudFront gives its cookies their names.
      for (const cookie of response.headers.getSetCookie()) {
        expect(cookie).toMatch(/^(?:__Host-|CloudFront-(?:Policy|Signature|Key-Pair-Id|Hash-Algorithm)=)/);
      }
      if (answer.schema) {
        const schema = documentedSchema(operationId, answer.status);
        const validate = ajv.compile(schema);
        expect(validate(JSON.parse(text)), `${ajv.errorsText(validate.errors)}\n${text}`).toBe(true);
      }
      if (!isPublic) {
        const anonymous = await service.app.request(path, { method: method.toUpperCase() });
        expect(anonymous.status).toBe(401);
        expect(anonymous.headers.get('content-type')).toBe('application/problem+json');
        const problemSchema: object = openapiDocument().components.schemas.Problem;
        const validate = ajv.compile(problemSchema);
        expect(validate(await anonymous.json()), ajv.errorsText(validate.errors)).toBe(true);
      }
    },
  );

  const documentSchema = v.object({
    paths: v.record(
      v.string(),
      v.record(
        v.string(),
        v.object({
          operationId: v.string(),
          responses: v.record(
            v.string(),
            v.looseObject({
              content: v.optional(v.record(v.string(), v.object({ schema: v.looseObject({}) }))),
            }),
          ),
        }),
      ),
    ),
  });

  function documentedSchema(operationId: string, status: number): object {
    const { paths } = v.parse(documentSchema, openapiDocument());
    const operation = Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .find((one) => one.operationId === operationId);
    const schema = operation?.responses[status]?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`${operationId} documents no answer ${status}`);
    return schema;
  }
});
