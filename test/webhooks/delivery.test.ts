import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKeyAnswer } from '../../lib/keys/schema.ts';
import * as v from 'valibot';
import { startReceiver, verified, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { type Delivering, openDelivering } from './delivering.ts';

let delivering: Delivering;
let receiver: WebhookReceiver;

beforeEach(async () => {
  delivering = await openDelivering();
  receiver = await startReceiver();
});
afterEach(async () => {
  await delivering.stop();
  await receiver.close();
});

const later = (days: number) => delivering.service.setClock(() => new Date(Date.now() + days * 86_400_000));

describe('an event', () => {
  test('goes to each webhook that wants it, and to no other', async () => {
    const all = await delivering.make({ url: receiver.url });
    const some = await delivering.make({ url: receiver.url, prefix: 'b/' });
    const none = await delivering.make({ url: receiver.url, bucket: 'media' });
    const off = await delivering.make({ url: receiver.url, enabled: false });
    await delivering.change(1, 'a/');
    await delivering.change(1, 'b/');
    await expect.poll(() => receiver.received.length).toBe(3);
    const counts = async () =>
      Promise.all(
        [all, some, none, off].map(async ({ webhookId }) => (await delivering.deliveries(webhookId)).length),
      );
    expect(await counts()).toEqual([2, 1, 0, 0]);
    const wantedBySome = receiver.received.filter((request) => {
      try {
        verified(some.secret, request);
        return true;
      } catch {
        return false;
      }
    });
    expect(wantedBySome.map(({ body }) => JSON.parse(body).data.key)).toEqual([
      expect.stringMatching(/^b\//),
    ]);
  });

  test('that comes twice is delivered once', async () => {
    const { webhookId } = await delivering.make({ url: receiver.url });
    await delivering.stopWorker();
    const [id = ''] = await delivering.change(1);
    const [event] = await delivering.deliveries(webhookId);
    expect(event?.eventId).toBe(id);
    delivering.startWorker();
    await expect.poll(() => receiver.received.length).toBe(1);
    await delivering.webhooks.onEvent({
      id,
      type: 'object.created',
      time: new Date(Number.parseInt(event?.deliveryId.slice(21, 30) ?? '', 36)),
      bucket: 'files',
      key: 'a/1',
    });
    await delay(300);
    expect(receiver.received.length).toBe(1);
    expect(await delivering.deliveries(webhookId)).toHaveLength(1);
  });
});

describe('a receiver that fails', () => {
  test('is asked again, and the log tells each attempt', async () => {
    const { webhookId } = await delivering.make({ url: receiver.url });
    let failures = 2;
    receiver.answer(() => ((failures -= 1) >= 0 ? 503 : 204));
    const [id = ''] = await delivering.change(1);
    await expect.poll(() => receiver.taken.has(id), { timeout: 25_000 }).toBe(true);
    await expect
      .poll(async () => (await delivering.deliveries(webhookId))[0])
      .toMatchObject({
        status: 'succeeded',
        attempts: [{ statusCode: 503 }, { statusCode: 503 }, { statusCode: 204 }],
      });
    expect(new Set(receiver.received.map((request) => request.id))).toEqual(new Set([id]));
  });

  test('delays nobody else, however much waits for it', async () => {
    const dead = await startReceiver();
    dead.answer(() => new Promise<never>(() => {}));
    const stuck = await delivering.make({ url: dead.url });
    await delivering.make({ url: receiver.url });
    const startedAt = performance.now();
    const ids = await delivering.change(300);
    await expect.poll(() => receiver.taken.size, { timeout: 15_000 }).toBe(ids.length);
    // The dead one has not even said no: its patience is two seconds.
    expect(dead.taken.size).toBe(0);
    expect(dead.peak()).toBeLessThanOrEqual(10);
    await expect.poll(async () => (await delivering.look(stuck.webhookId)).state).toBe('failing');
    const { reason, failingSince } = await delivering.look(stuck.webhookId);
    expect(reason).toBe('The last request failed: no answer within 2 s');
    expect(Date.parse(failingSince ?? '')).toBeGreaterThan(
      Date.now() - (performance.now() - startedAt) - 1000,
    );
    await dead.close();
  });

  test('has everything once it is back, each event at least once', async () => {
    const { webhookId } = await delivering.make({ url: receiver.url });
    receiver.answer(() => 500);
    const ids = [...(await delivering.change(100))];
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('failing');
    receiver.answer(() => 200);
    ids.push(...(await delivering.change(20)));
    await expect.poll(() => receiver.taken.size, { timeout: 25_000 }).toBe(ids.length);
    expect(receiver.taken).toEqual(new Set(ids));
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('active');
  });

  test('for days, without a success, is disabled, with a notice', async () => {
    const { webhookId } = await delivering.make({ url: receiver.url, maxConcurrency: 25 });
    await delivering.stopWorker();
    await delivering.change(25);
    // The first no slows the rest down, so none is said until enough requests are under way.
    const enough = Promise.withResolvers<void>();
    receiver.answer(async () => {
      if (receiver.received.length >= 20) enough.resolve();
      await enough.promise;
      return 500;
    });
    delivering.startWorker();
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('failing');
    later(3.1);
    await delivering.wakeOverdue();
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('disabled');
    expect(await delivering.look(webhookId)).toMatchObject({
      enabled: false,
      reason: expect.stringMatching(/^Nothing has been received for days\. The \w+/),
    });
    await expect
      .poll(() => delivering.service.log)
      .toContainEqual({
        level: 'warn',
        message: 'A webhook was disabled',
        fields: expect.objectContaining({ webhookId, host: `127.0.0.1:${receiver.port}` }),
      });
    // Enabled again, it gets what has waited.
    receiver.answer(() => 200);
    await delivering.service.call('PATCH', `/v1/webhooks/${webhookId}`, { enabled: true });
    await expect.poll(() => receiver.taken.size).toBeGreaterThan(0);
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('active');
    expect(await delivering.look(webhookId)).not.toHaveProperty('reason');
  });

  test('with 410 is disabled at once', async () => {
    const { webhookId } = await delivering.make({ url: receiver.url });
    receiver.answer(() => 410);
    await delivering.change(1);
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('disabled');
    expect(await delivering.look(webhookId)).toMatchObject({ reason: 'The receiver answered 410.' });
    expect(await delivering.deliveries(webhookId)).toMatchObject([
      { status: 'failed', attempts: [{ statusCode: 410 }] },
    ]);
    await delivering.change(3);
    expect(receiver.received).toHaveLength(1);
  });

  test('is given up after a day, per delivery; a replay begins anew', async () => {
    const { webhookId } = await delivering.make({ url: receiver.url });
    receiver.answer(() => 500);
    await delivering.change(1);
    const status = async () => (await delivering.deliveries(webhookId))[0]?.status;
    await expect.poll(() => receiver.received.length).toBe(1);
    later(1.1);
    await delivering.wakeOverdue();
    await expect.poll(status).toBe('failed');
    const [delivery] = await delivering.deliveries(webhookId);
    expect(delivery).not.toHaveProperty('nextAttemptAt');
    receiver.answer(() => 200);
    const replay = await delivering.service.call('POST', `/v1/webhooks/${webhookId}/replay`, {
      from: new Date(Date.now() - 60_000),
      status: 'failed',
    });
    expect(replay.status).toBe(202);
    await expect.poll(status).toBe('succeeded');
  });
});

describe('limits hold', () => {
  test('of requests under way at once', async () => {
    await delivering.make({ url: receiver.url, maxConcurrency: 3 });
    receiver.answer(() => delay(30, 200));
    const ids = await delivering.change(40);
    await expect.poll(() => receiver.taken.size).toBe(ids.length);
    expect(receiver.peak()).toBe(3);
  });

  test('of requests a second', async () => {
    await delivering.make({ url: receiver.url, maxPerSecond: 20 });
    const ids = [...(await delivering.change(10))];
    await delay(100);
    ids.push(...(await delivering.change(10)));
    await expect.poll(() => receiver.taken.size).toBe(ids.length);
    const times = receiver.received.map(({ at }) => at);
    const [first = 0] = times;
    expect((times.at(-1) ?? 0) - first).toBeGreaterThanOrEqual(19 * 50 - 50);
  });
});

describe('rights', () => {
  test('that end take the webhook with them', async () => {
    const made = await delivering.service.call('POST', '/v1/keys', {
      name: 'maker',
      grants: [{ bucket: 'files', actions: ['admin', 'read'] }],
    });
    const { key, keyId } = v.parse(newKeyAnswer, await made.json());
    const { webhookId } = await delivering.make({ url: receiver.url }, key);
    await delivering.change(1);
    await expect.poll(() => receiver.received.length).toBe(1);
    await delivering.service.call('PATCH', `/v1/keys/${keyId}`, { enabled: false });
    // What is remembered of rights is looked at again after five seconds.
    later(1);
    await delivering.change(5);
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('disabled');
    expect((await delivering.look(webhookId)).reason).toContain('API key');
    expect(receiver.received).toHaveLength(1);
  });

  test('and a token that ends does, too', async () => {
    const minted = await delivering.service.call('POST', '/v1/tokens', {
      grants: [{ bucket: 'files', prefix: 'a/', actions: ['admin', 'read'] }],
      expiresInSeconds: 60,
    });
    const { token } = await minted.json();
    const { webhookId } = await delivering.make({ url: receiver.url, prefix: 'a/' }, token);
    await delivering.change(1);
    await expect.poll(() => receiver.received.length).toBe(1);
    later(1);
    await delivering.change(1);
    await expect.poll(async () => (await delivering.look(webhookId)).state).toBe('disabled');
    expect(receiver.received).toHaveLength(1);
  });
});

test('an address that has moved inside since is refused when it is delivered', async () => {
  await delivering.stop();
  const addresses = ['93.184.215.14'];
  delivering = await openDelivering(undefined, async () => addresses);
  const { webhookId } = await delivering.make({ url: `https://hooks.example.com:${receiver.port}/` });
  addresses[0] = '10.0.0.1';
  await delivering.change(1);
  await expect
    .poll(async () => (await delivering.deliveries(webhookId))[0]?.attempts)
    .toMatchObject([{ error: 'hooks.example.com is not an address out on the internet.' }]);
  expect(receiver.received).toEqual([]);
});
