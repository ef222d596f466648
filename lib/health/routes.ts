import { Hono } from 'hono';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import type { Records } from '../records/port.ts';
import { S3Error } from '../storage/errors.ts';
import type { Storage } from '../storage/storage.ts';

export interface HealthDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly records: Records;
}

const timeoutSeconds = 2;

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: what it depends on answers too, each within
 * {@link timeoutSeconds}; 503 if not. Open to all, so an error is told by its code alone.
 */
export function healthRoutes({ config, storage, records }: HealthDeps): Hono<AppEnv> {
  const lastErrors = new Map<string, { at: Date; code: string }>();

  async function probe(name: string, check: () => Promise<void>) {
    const startedAt = performance.now();
    const failure = await check().then(
      () => undefined,
      (error: unknown) => ({ at: new Date(), code: codeOf(error) }),
    );
    if (failure) lastErrors.set(name, failure);
    return {
      status: failure ? 'failing' : 'ok',
      latencyMilliseconds: Math.round(performance.now() - startedAt),
      lastError: lastErrors.get(name),
    };
  }

  return new Hono<AppEnv>()
    .get('/live', (c) => c.json({ status: 'ok' }))
    .get('/ready', async (c) => {
      const [bucket = ''] = Object.keys(config.buckets);
      const [ofStorage, ofRecords] = await Promise.all([
        probe('storage', () => storage.check(bucket, timeoutSeconds)),
        probe('records', () => withinTime(records.get('health', 'ready'))),
      ]);
      const checks = { storage: ofStorage, records: ofRecords };
      const ready = Object.values(checks).every(({ status }) => status === 'ok');
      return c.json({ status: ready ? 'ok' : 'failing', checks }, ready ? 200 : 503);
    });
}

async function withinTime(answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), timeoutSeconds * 1000);
  await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function codeOf(error: unknown): string {
  return error instanceof S3Error || error instanceof StowageError ? error.code : 'Unknown';
}
