import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newWebhookAnswer } from '../../lib/webhooks/schema.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { type LambdaDeployment, openLambdaDeployment } from '../support/lambda-workers.ts';
import { startReceiver, verified, type WebhookReceiver } from '../support/webhook-receiver.ts';

/** What becomes of the messages that Lambda hands over to the functions as they are deployed. */

const dynamodb = await startDynamoDbLocal();
afterAll(() => dynamodb?.stop());

describe.skipIf(!dynamodb)('on Lambda', () => {
  const locked = new Set<string>();
  let deployment: LambdaDeployment;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    if (!dynamodb) return;
    receiver = await startReceiver();
    deployment = await openLambdaDeployment(dynamodb, (key) => locked.has(key));
  }, 120_000);

  afterAll(async () => {
    await deployment.close();
    await receiver.close();
  });

  test('of a batch only what failed comes again; what nobody can read is set aside with its reason', async () => {
    const { api, events, eventSource, deliverySource } = deployment;
    const { secret } = await api.ask(newWebhookAnswer, 'POST', '/v1/webhooks', {
      url: receiver.url,
      prefix: 'batch/',
    });
    const heard = receiver.received.length;
    const bodyOf = async (key: string) => {
      await api.store(key, 'text');
      const [message] = await events.receive({ limit: 1, leaseSeconds: 60, waitSeconds: 20 });
      if (!message) throw new Error('Storage has told nothing.');
      await events.done(message);
      return message.body;
    };
    const good = await bodyOf('batch/good.txt');
    const denied = await bodyOf('batch/denied.txt');
    locked.add('batch/denied.txt');

    const bodies = [good, 'no JSON', denied, '{"detail-type":"Object Created"}', good];
    await events.send(bodies.map((body) => ({ body })));
    const batch = await eventSource.handOver();
    expect(batch.taken).toBe(5);
    expect(batch.again.map(({ body }) => body)).toEqual([denied]);
    const reasons = (await events.deadLetters()).map(({ body, reason }) => [body, reason]);
    expect(Object.fromEntries(reasons)).toEqual({
      'no JSON': 'The message is not JSON.',
      '{"detail-type":"Object Created"}': expect.stringContaining("no event of S3's: "),
    });

    // Others have taken note of what confirming and inspecting could not look at, and are not told once more.
    const deliverAll = async () => {
      await deliverySource.handOver();
      const bodies = receiver.received.slice(heard).map((one) => Object(verified(secret, one)));
      return bodies.map(({ data }) => String(data.key)).toSorted();
    };
    await expect.poll(deliverAll).toEqual(['batch/denied.txt', 'batch/good.txt']);

    locked.clear();
    await expect.poll(eventSource.handOver).toEqual({ taken: 1, again: [] });
    expect(await deliverAll()).toEqual(['batch/denied.txt', 'batch/good.txt']);
  }, 120_000);
});
