import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptedAnswer, deliveriesAnswer, deliveryAnswer } from '../../lib/webhooks/delivery-schema.ts';
import { newWebhookAnswer, rotatedSecretAnswer } from '../../lib/webhooks/schema.ts';
import { Api } from '../hosts/suite/host.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';
import { startReceiver, verified, type WebhookReceiver } from '../support/webhook-receiver.ts';

/** From a presigned address to a webhook that its receiver has verified, in the process as it is started. */

let dataDir: string;
let service: StandaloneProcess;
let receiver: WebhookReceiver;
let api: Api;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-test-'));
  service = await startStandaloneProcess({
    dataDir,
    environment: { STOWAGE_WEBHOOK_ALLOW_LOOPBACK: 'true' },
  });
  receiver = await startReceiver();
  api = new Api(() => ({
    request: (method, target, headers, body) =>
      fetch(service.apiUrl + target, { method, headers, ...(body !== undefined && { body }) }),
    hasRecords: true,
    close: async () => undefined,
  }));
});

afterAll(async () => {
  await service.end('SIGTERM');
  await receiver.close();
  await rm(dataDir, { recursive: true });
});

const arrived = async (count: number) => {
  await expect.poll(() => receiver.received.length).toBe(count);
  const last = receiver.received.at(-1);
  if (!last) throw new Error('nothing has arrived');
  return last;
};

test('presign, PUT, event, confirm, webhook, replay', async () => {
  const { webhookId, secret } = await api.ask(newWebhookAnswer, 'POST', '/v1/webhooks', {
    url: receiver.url,
    bucket: 'files',
    prefix: 'photos/',
    eventTypes: ['object.created'],
  });
  await api.store('elsewhere/a.txt', 'not wanted');
  const { uploadId } = await api.store('photos/a.txt', 'wanted');
  const first = await arrived(1);
  const body = {
    type: 'object.created',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    data: {
      bucket: 'files',
      key: 'photos/a.txt',
      sizeBytes: 6,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
      contentType: 'text/plain',
      uploadId: uploadId.split('.')[0],
      sequencer: expect.stringMatching(/^[0-9a-f]+$/),
    },
  };
  expect(verified(secret, first)).toEqual(body);
  expect(first.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': expect.stringMatching(/^evt_/),
    'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
    'webhook-signature': expect.stringMatching(/^v1,/),
  });

  const path = `/v1/webhooks/${webhookId}`;
  const deliveries = async () => (await api.ask(deliveriesAnswer, 'GET', `${path}/deliveries`)).deliveries;
  await expect.poll(async () => (await deliveries()).map(({ status }) => status)).toEqual(['succeeded']);
  const [delivery] = await deliveries();
  expect(delivery).toMatchObject({
    eventId: first.id,
    type: 'object.created',
    attempts: [{ statusCode: 200, durationMilliseconds: expect.any(Number), at: expect.any(String) }],
  });

  // The secret is replaced meanwhile: both verify what is sent once more.
  const { secret: newSecret } = await api.ask(rotatedSecretAnswer, 'POST', `${path}/rotate-secret`);
  const deliveryPath = `/v1/deliveries/${delivery?.deliveryId}`;
  const replayed = await api.call('POST', `${deliveryPath}/replay`);
  expect(replayed.status).toBe(202);
  const second = await arrived(2);
  expect(second.id).toBe(first.id);
  for (const one of [secret, newSecret]) expect(verified(one, second)).toEqual(body);
  expect(() => verified('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', second)).toThrow('signature');
  await expect
    .poll(async () => (await api.ask(deliveryAnswer, 'GET', deliveryPath)).attempts)
    .toMatchObject([{ response: 'answered 200' }, { response: 'answered 200' }]);
  expect(await api.ask(deliveryAnswer, 'GET', deliveryPath)).toMatchObject({ body: first.body });

  // And so is all of a stretch of time.
  expect((await api.call('POST', `${path}/replay`, { from: '2020-01-01T00:00:00Z' })).status).toBe(202);
  expect((await arrived(3)).id).toBe(first.id);

  const { deliveryId } = v.parse(acceptedAnswer, await (await api.call('POST', `${path}/ping`)).json());
  expect(verified(newSecret, await arrived(4))).toMatchObject({ type: 'webhook.ping', data: { webhookId } });
  await expect
    .poll(async () => (await api.ask(deliveryAnswer, 'GET', `/v1/deliveries/${deliveryId}`)).status)
    .toBe('succeeded');
});
