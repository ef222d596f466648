import type { Deed } from './oracle.ts';

/** Whose things a cell of the matrix is about. */
export interface Target {
  readonly tenant: string;
  /** The caller's own object, or one of the other tenant. */
  readonly key: string;
  readonly folder: string;
  /** Ids of things that the tenant has, made anew where they are gone. */
  readonly uploadId: string;
  readonly keyId: () => Promise<string>;
  readonly tokenId: string;
  readonly webhookId: () => Promise<string>;
  readonly deliveryId: () => Promise<string>;
}

/** What a route takes, and a request of it: its path and body. The method is the contract's. */
export interface Row {
  readonly takes: (target: Target) => readonly Deed[] | 'nothing' | 'a credential';
  readonly send: (target: Target) => Promise<readonly [path: string, body?: unknown]>;
}

const object = { sizeBytes: 5, contentType: 'image/png' };
const bucket = 'files';

const row = (
  takes: Row['takes'],
  send: (target: Target) => ReturnType<Row['send']> | readonly [string, unknown?],
): Row => ({
  takes,
  send: async (target) => send(target),
});
/** An act on the object itself. */
const onKey = (action: string, send: Parameters<typeof row>[1]) =>
  row(({ key }) => [{ action, bucket, key }], send);
/** An act on all that is in the folder. */
const onFolder = (action: string, send: Parameters<typeof row>[1]) =>
  row(({ folder }) => [{ action, bucket, key: folder, isBelow: true }], send);
/** An act on what an upload id stands for. */
const onUpload = (send: Parameters<typeof row>[1]) =>
  row(({ key, tenant }) => [{ action: 'write', bucket, key, ...object, owner: tenant }], send);
/** An act on what belongs to nobody's folder: it takes admin of everything. */
const onEverything = (send: Parameters<typeof row>[1]) =>
  row(({ tenant }) => [{ action: 'admin', bucket: '*', key: '', isBelow: true, owner: tenant }], send);
/** An act on the bucket's own settings. */
const onBucket = (send: Parameters<typeof row>[1]) =>
  row(() => [{ action: 'admin', bucket, key: '', isBelow: true }], send);
/** An act on a webhook over the folder. */
const onWebhook = (actions: readonly string[], send: Parameters<typeof row>[1]) =>
  row(
    ({ folder, tenant }) =>
      actions.map((action) => ({ action, bucket, key: folder, isBelow: true, owner: tenant })),
    send,
  );
const open = (path: string) =>
  row(
    () => 'nothing',
    () => [path],
  );
const forAll = (path: string) =>
  row(
    () => 'a credential',
    () => [path],
  );

const keyGrants = [{ bucket: '*', actions: ['admin'] }];

/** One for each route of the contract, by its operationId. */
export const rows: Readonly<Record<string, Row>> = {
  getLiveness: open('/health/live'),
  getReadiness: open('/health/ready'),
  getContract: open('/openapi.json'),
  listSignInProviders: open('/v1/sign-in'),

  getMe: forAll('/v1/me'),
  listBuckets: forAll('/v1/buckets'),
  getUsage: forAll('/v1/usage'),
  listUsageDays: forAll('/v1/usage/days?bucket=files'),

  // What a token may do is what its maker may do, so it is asked to do it.
  createToken: row(
    ({ key }) => [{ action: 'read', bucket, key, sizeBytes: 0, contentType: 'image/png' }],
    ({ key }) => [
      '/v1/tokens',
      {
        grants: [{ bucket, prefix: key, actions: ['read'], maxObjectBytes: 0, contentTypes: ['image/png'] }],
      },
    ],
  ),
  // Another tenant's token is not ended; what an attacker is answered tells nothing of it.
  revokeToken: row(
    () => [{ action: 'admin', bucket: '*', key: '', isBelow: true }],
    async ({ tokenId }) => ['/v1/tokens/revoke', { tokenId: tokenId }],
  ),
  createKey: onEverything(({ tenant }) => ['/v1/keys', { name: 'a', tenant, grants: keyGrants }]),
  listKeys: row(
    () => [{ action: 'admin', bucket: '*', key: '', isBelow: true }],
    () => ['/v1/keys'],
  ),
  getKey: onEverything(async ({ keyId }) => [`/v1/keys/${await keyId()}`]),
  changeKey: onEverything(async ({ keyId }) => [`/v1/keys/${await keyId()}`, { enabled: false }]),
  rotateKey: onEverything(async ({ keyId }) => [`/v1/keys/${await keyId()}/rotate`, {}]),
  deleteKey: onEverything(async ({ keyId }) => [`/v1/keys/${await keyId()}`]),

  createUpload: row(
    ({ key }) => [{ action: 'write', bucket, key, ...object }],
    ({ key }) => ['/v1/uploads', { bucket, key, ...object }],
  ),
  listUploads: onFolder('list', ({ folder }) => [`/v1/uploads?bucket=files&prefix=${folder}`]),
  getUpload: onUpload(async ({ uploadId }) => [`/v1/uploads/${uploadId}`]),
  abortUpload: onUpload(async ({ uploadId }) => [`/v1/uploads/${uploadId}`]),
  signParts: onUpload(async ({ uploadId }) => [`/v1/uploads/${uploadId}/parts`, { partNumbers: [1] }]),
  completeUpload: onUpload(async ({ uploadId }) => [`/v1/uploads/${uploadId}/complete`]),

  createDownloads: onKey('read', ({ key }) => ['/v1/downloads', { items: [{ bucket, key }] }]),
  getContent: onKey('read', ({ key }) => [`/v1/content/files/${key}`]),
  listObjects: onFolder('list', ({ folder }) => [`/v1/objects/files?prefix=${folder}`]),
  getObject: onKey('read', ({ key }) => [`/v1/objects/files/${key}`]),
  deleteObject: onKey('delete', ({ key }) => [`/v1/objects/files/${key}`]),
  deleteObjects: onKey('delete', ({ key }) => ['/v1/objects/files/delete', { keys: [key] }]),

  restoreObjects: onKey('write', ({ key }) => ['/v1/objects/files/restore', { keys: [key], days: 1 }]),
  createDownloadCookies: onFolder('read', ({ folder }) => [
    '/v1/downloads/cookies',
    { bucket, prefix: folder },
  ]),
  getLifecycle: onBucket(() => ['/v1/lifecycle/files']),
  putLifecycle: onBucket(() => ['/v1/lifecycle/files', { rules: [] }]),

  notify: onBucket(() => [
    '/v1/notifications',
    {
      Records: [
        {
          eventTime: '2026-11-25T12:00:00Z',
          eventName: 'ObjectCreated:Put',
          s3: { bucket: { name: bucket }, object: { key: 'a' } },
        },
      ],
    },
  ]),

  listEvents: onFolder('list', ({ folder }) => [`/v1/events?bucket=files&prefix=${folder}`]),
  createWebhook: row(
    ({ folder }) => ['admin', 'read'].map((action) => ({ action, bucket, key: folder, isBelow: true })),
    ({ folder }) => [
      '/v1/webhooks',
      { url: 'https://93.184.215.14/', bucket, prefix: folder, enabled: false },
    ],
  ),
  listWebhooks: row(
    () => [{ action: 'admin', bucket: '*', key: '', isAnywhere: true }],
    () => ['/v1/webhooks'],
  ),
  getWebhook: onWebhook(['admin'], async ({ webhookId }) => [`/v1/webhooks/${await webhookId()}`]),
  changeWebhook: onWebhook(['admin'], async ({ webhookId }) => [
    `/v1/webhooks/${await webhookId()}`,
    { enabled: false },
  ]),
  rotateWebhookSecret: onWebhook(['admin'], async ({ webhookId }) => [
    `/v1/webhooks/${await webhookId()}/rotate-secret`,
    {},
  ]),
  deleteWebhook: onWebhook(['admin'], async ({ webhookId }) => [`/v1/webhooks/${await webhookId()}`]),
  listDeliveries: onWebhook(['admin', 'read'], async ({ webhookId }) => [
    `/v1/webhooks/${await webhookId()}/deliveries`,
  ]),
  pingWebhook: onWebhook(['admin', 'read'], async ({ webhookId }) => [
    `/v1/webhooks/${await webhookId()}/ping`,
  ]),
  replayDeliveries: onWebhook(['admin', 'read'], async ({ webhookId }) => [
    `/v1/webhooks/${await webhookId()}/replay`,
    { from: '2026-01-01T00:00:00Z' },
  ]),
  getDelivery: onWebhook(['admin', 'read'], async ({ deliveryId }) => [
    `/v1/deliveries/${await deliveryId()}`,
  ]),
  replayDelivery: onWebhook(['admin', 'read'], async ({ deliveryId }) => [
    `/v1/deliveries/${await deliveryId()}/replay`,
  ]),
};
