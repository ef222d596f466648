import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { rootKey } from '../support/service.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../support/standalone.ts';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

/**
 * The process is killed while receivers have a request in their hands: sent, but not yet written down, and while other
 * events are still on their way to them. One receiver takes what it gets, one is away for part of the time, one takes only what it is given twice.
 */

const kills = 2;
const changesBetweenKills = 30;

let dataDir: string;
let service: StandaloneProcess;
let receivers: readonly WebhookReceiver[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stowage-test-'));
  service = await start();
  receivers = await Promise.all([startReceiver(), startReceiver(), startReceiver()]);
});

afterEach(async () => {
  await service.end('SIGKILL');
  for (const receiver of receivers) await receiver.close();
  await rm(dataDir, { recursive: true });
});

function start(ports: { apiPort?: number; s3Port?: number } = {}): Promise<StandaloneProcess> {
  return startStandaloneProcess({
    dataDir,
    ...ports,
    environment: { STOWAGE_WEBHOOK_ALLOW_LOOPBACK: 'true' },
  });
}

test('every receiver ends with exactly the events that there were', { timeout: 120_000 }, async () => {
  const ports = {
    apiPort: Number(new URL(service.apiUrl).port),
    s3Port: Number(new URL(service.s3Url).port),
  };
  const client = createClient({ baseUrl: service.apiUrl, credential: rootKey });
  const [steady, away, doubtful] = receivers;
  if (!steady || !away || !doubtful) throw new Error('there are three');
  for (const { url } of receivers) await client.webhooks.create({ url, bucket: 'files' });
  const seen = new Set<string>();
  doubtful.answer(({ id }) => {
    if (seen.has(id)) return 200;
    seen.add(id);
    return 503;
  });

  const keys: string[] = [];
  for (let round = 0; round < kills; round += 1) {
    away.answer(() => (round % 2 === 0 ? 503 : 200));
    const inHand = Promise.withResolvers<void>();
    let left = 5;
    steady.answer(() => {
      left -= 1;
      if (left > 0) return 200;
      inHand.resolve();
      // It has it, but never says so.
      return new Promise<never>(() => {});
    });
    const stored = Array.from({ length: changesBetweenKills }, (_, index) => `${round}/${index}`);
    await Promise.all(stored.map((key) => client.upload(new Blob([key]), { bucket: 'files', key })));
    keys.push(...stored);
    await inHand.promise;
    await service.end('SIGKILL');
    steady.answer(() => 200);
    service = await start(ports);
  }
  away.answer(() => 200);
  doubtful.answer(() => 200);

  for (const receiver of receivers) {
    const takenKeys = () =>
      new Set(
        receiver.received
          .filter(({ id }) => receiver.taken.has(id))
          .map(({ body }): string => JSON.parse(body).data.key),
      );
    await expect.poll(() => takenKeys().size, { timeout: 60_000 }).toBe(keys.length);
    expect(takenKeys()).toEqual(new Set(keys));
    // However often a change was told: by one id, which no other has.
    expect(receiver.taken.size).toBe(keys.length);
    const ids = new Map(receiver.received.map(({ id, body }) => [JSON.parse(body).data.key, id]));
    for (const { id, body } of receiver.received) expect(id).toBe(ids.get(JSON.parse(body).data.key));
  }
});
