import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import { usageAnswer } from '../../lib/usage/schema.ts';
import { newWebhookAnswer } from '../../lib/webhooks/schema.ts';
import type { S3Target } from '../embedded/acceptance/target.ts';
import { Api, encodeKey } from '../hosts/suite/host.ts';
import { hasCeph, startCephGateway } from '../support/ceph/gateway.ts';
import { findProgram } from '../support/programs.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

/** The process before a Ceph that tells it of its changes, set up as the README says. */

const aws = findProgram('aws') ?? '';

describe.runIf(hasCeph() && aws)('a process before Ceph', { timeout: 120_000 }, () => {
  let ceph: S3Target;
  let s3: S3Client;
  let folder: string;
  let service: StandaloneProcess;
  let receiver: WebhookReceiver;

  const api = new Api(() => ({
    request: (method, target, headers, body) =>
      fetch(service.apiUrl + target, { method, headers, ...(body !== undefined && { body }) }),
    hasRecords: true,
    close: async () => undefined,
  }));
  const start = (apiPort = 0) =>
    startStandaloneProcess({
      dataDir: join(folder, 'data'),
      apiPort,
      environment: {
        STOWAGE_CONFIG: join(folder, 'stowage.json'),
        STOWAGE_S3_ENDPOINT: ceph.endpoint,
        STOWAGE_S3_ACCESS_KEY_ID: ceph.credentials.accessKeyId,
        STOWAGE_S3_SECRET_ACCESS_KEY: ceph.credentials.secretAccessKey,
        STOWAGE_WEBHOOK_ALLOW_LOOPBACK: 'true',
      },
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-test-'));
    const configuration = {
      buckets: { files: {} },
      quotas: [{ tenant: '*', bucket: 'files', maxBytes: 1_000_000 }],
    };
    await writeFile(join(folder, 'stowage.json'), JSON.stringify(configuration));
    [ceph, receiver] = await Promise.all([startCephGateway(), startReceiver()]);
    const { endpoint, region, credentials } = ceph;
    s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
    service = await start();
    const { key } = await api.ask(newKeyAnswer, 'POST', '/v1/keys', {
      name: 'what Ceph tells',
      grants: [{ bucket: 'files', actions: ['admin'] }],
    });
    const attributes = {
      'push-endpoint': service.apiUrl.replace('://', `://stowage:${key}@`) + '/v1/notifications',
      persistent: 'true',
    };
    const { stdout } = await promisify(execFile)(
      aws,
      ['--endpoint-url', endpoint, '--region', region, '--output', 'text', 'sns', 'create-topic'].concat(
        '--name',
        'stowage',
        '--attributes',
        JSON.stringify(attributes),
      ),
      {
        env: {
          PATH: process.env['PATH'],
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        },
      },
    );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'files',
        NotificationConfiguration: {
          TopicConfigurations: [
            { Id: 'stowage', TopicArn: stdout.trim(), Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] },
          ],
        },
      }),
    );
    await api.ask(newWebhookAnswer, 'POST', '/v1/webhooks', { url: receiver.url, bucket: 'files' });
  }, 120_000);

  afterAll(async () => {
    await service.end('SIGTERM');
    await receiver.close();
    s3.destroy();
    await ceph.stop();
    await rm(folder, { recursive: true });
  });

  const told = () =>
    receiver.received.map(({ body }) => {
      const { type, data } = JSON.parse(body);
      return `${type} ${data.key}`;
    });
  const bytesKept = async () => (await api.ask(usageAnswer, 'GET', '/v1/usage')).usage[0]?.bytes;
  const patience = { timeout: 60_000 };

  test('hears of an upload that nobody completes, counts it, and tells of it', async () => {
    await api.send('a/ä + b.txt', 'twelve bytes');
    await expect.poll(told, patience).toEqual(['object.created a/ä + b.txt']);
    await expect.poll(bytesKept, patience).toBe(12);
    expect((await api.call('DELETE', `/v1/objects/files/${encodeKey('a/ä + b.txt')}`)).status).toBe(204);
    await expect.poll(told, patience).toContain('object.deleted a/ä + b.txt');
    await expect.poll(bytesKept, patience).toBe(0);
  });

  test('hears later of what has happened while it was away', async () => {
    const port = Number(new URL(service.apiUrl).port);
    await service.end('SIGKILL');
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'b', Body: 'while away' }));
    service = await start(port);
    await expect.poll(told, patience).toContain('object.created b');
    await expect.poll(bytesKept, patience).toBe(10);
  });
});
