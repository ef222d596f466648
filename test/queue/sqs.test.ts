import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Queue } from '../../lib/queue/port.ts';
import { type FaultyProxy, type Fate, startFaultyProxy } from '../support/faulty-proxy.ts';
import { openLocalQueue, startLocalSqs } from '../support/local-sqs.ts';

const local = await startLocalSqs();
const proxy: FaultyProxy = await startFaultyProxy(local.origin);
afterAll(async () => {
  await proxy.stop();
  await local.stop();
});

function error(status: number, name: string): Fate {
  return { status, body: { __type: `com.amazonaws.sqs#${name}`, message: 'spoilt' } };
}

const fault = error(500, 'InternalFailure');
const receipt = { limit: 10, leaseSeconds: 30, waitSeconds: 1 };

describe('a queue on SQS, behind a faulty wire', () => {
  let queue: Queue;
  beforeEach(async () => {
    queue = openLocalQueue(await local.createQueue(10), proxy.endpoint);
  });
  afterEach(async () => {
    await queue.close();
    expect(proxy.fates).toEqual([]);
  });

  test.each<readonly [string, readonly Fate[]]>([
    ['faults of SQS', [fault, fault]],
    ['a throttled request', [error(400, 'RequestThrottled')]],
    ['a lost answer', ['lose the answer']],
  ])('after %s, what was sent is there', async (_, fates) => {
    proxy.fates.push(...fates);
    await queue.send([{ body: 'a' }]);
    const received = await queue.receive(receipt);
    expect(new Set(received.map(({ body }) => body))).toEqual(new Set(['a']));
  });

  test('a message that SQS does not take is told of', async () => {
    const Failed = [{ Id: '0', Code: 'InternalError', SenderFault: false }];
    proxy.fates.push({ status: 200, body: { Successful: [], Failed } });
    await expect(queue.send([{ body: 'a' }])).rejects.toMatchObject({ code: 'queue_unavailable' });
  });

  test('what does not pass is told as queue_unavailable, after a few tries', async () => {
    const before = proxy.count();
    proxy.fates.push(fault, fault, fault, fault);
    await expect(queue.send([{ body: 'a' }])).rejects.toMatchObject({
      code: 'queue_unavailable',
      status: 503,
    });
    expect(proxy.count() - before).toBe(4);
  });

  test('a refusal is not tried again', async () => {
    const before = proxy.count();
    proxy.fates.push(error(403, 'AccessDenied'));
    await expect(queue.receive(receipt)).rejects.toMatchObject({ code: 'queue_unavailable' });
    expect(proxy.count() - before).toBe(1);
  });

  test('many messages go in batches of ten', async () => {
    const before = proxy.count();
    await queue.send(Array.from({ length: 25 }, (_, index) => ({ body: String(index) })));
    expect(proxy.count() - before).toBe(3);
  });

  test('large messages go in batches that SQS takes', async () => {
    const before = proxy.count();
    await queue.send(Array.from({ length: 3 }, () => ({ body: 'x'.repeat(120 * 1024) })));
    expect(proxy.count() - before).toBe(2);
  });
});
