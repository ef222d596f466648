import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { operations } from '../../lib/openapi/operations.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { callsOf } from '../openapi/calls.ts';
import { testCdn } from '../support/cdn-key.ts';
import { openTestService, type TestService } from '../support/service.ts';

/** What may be called for a bucket that takes no changes although it is no GET: it changes no bucket. */
const harmless: ReadonlySet<string> = new Set([
  'createToken',
  'revokeToken',
  'createKey',
  'changeKey',
  'rotateKey',
  'deleteKey',
  'createDownloads',
  'createDownloadCookies',
  'createWebhook',
  'changeWebhook',
  'rotateWebhookSecret',
  'deleteWebhook',
  'pingWebhook',
  'replayDeliveries',
  'replayDelivery',
  // Storage tells what has changed already.
  'notify',
  // What was sent to a signed address is there; only what came in parts becomes an object by this.
  'completeUpload',
  'abortUpload',
]);

describe.each(['files', '*'])('while the flag readOnlyBuckets names %s', (name) => {
  let service: TestService;
  let readOnlyBuckets: string[] = [];
  beforeAll(async () => {
    service = await openTestService(
      { buckets: { files: { cdn: {} } } },
      { cdn: testCdn, flags: () => ({ readOnlyBuckets, maxUrlLifetimeSeconds: 604_800 }) },
    );
  });
  afterAll(() => service.stop());

  async function whileReadOnly(method: string, path: string, body?: unknown): Promise<string> {
    readOnlyBuckets = [name];
    const response = await service.call(method, path, body);
    readOnlyBuckets = [];
    const { code = '' } = response.status < 400 ? {} : await response.json();
    return `${response.status} ${code}`.trim();
  }

  test.each(operations.map(({ operationId, method, answer }) => [operationId, { method, answer }] as const))(
    '%s changes nothing',
    async (operationId, { method, answer }) => {
      const [path, body] = (await callsOf(service)[operationId]?.()) ?? [''];
      const isRefused = method !== 'get' && !harmless.has(operationId);
      expect(await whileReadOnly(method.toUpperCase(), path, body)).toBe(
        isRefused ? '403 bucket_read_only' : String(answer.status),
      );
    },
  );

  test('what came in parts becomes no object, and does once the bucket takes changes again', async () => {
    const command = { bucket: 'files', key: 'parts', sizeBytes: 1, method: 'multipart' };
    const begun = await service.call('POST', '/v1/uploads', command);
    const upload = v.parse(uploadAnswer, await begun.json());
    if (upload.method !== 'multipart') throw new Error(upload.method);
    for (const { url, headers } of upload.multipart.parts) {
      await fetch(url, { method: 'PUT', headers, body: '.' });
    }
    const path = `/v1/uploads/${upload.uploadId}`;
    expect(await whileReadOnly('POST', `${path}/complete`)).toBe('403 bucket_read_only');
    expect((await service.call('GET', '/v1/objects/files/parts')).status).toBe(404);
    expect((await service.call('POST', `${path}/complete`)).status).toBe(200);
  });
});
