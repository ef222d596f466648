import * as v from 'valibot';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { acceptedAnswer } from '../../lib/webhooks/delivery-schema.ts';
import { newWebhookAnswer } from '../../lib/webhooks/schema.ts';
import { s3Record } from '../events/messages.ts';
import type { TestService } from '../support/service.ts';

/** A path and a body with which an operation succeeds; what these take is made when they are asked for. */
export type Call = () => Promise<readonly [path: string, body?: unknown]>;

/** A call of each operation of the contract, by its operationId. The service has a bucket `files`, and a CDN before it. */
export function callsOf(service: TestService): Readonly<Record<string, Call>> {
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

  return {
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
}
