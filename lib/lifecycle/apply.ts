import { configuredLifecycle, isConfiguredId } from '../config/bucket-lifecycle.ts';
import type { Config } from '../config/schema.ts';
import type { Storage } from '../storage/storage.ts';
import type { Log } from '../telemetry/log.ts';
import { isSameLifecycle } from './merge.ts';

/** Gives every bucket the rules that `stowage.json` asks for, beside those that it has by the API. */
export async function applyLifecycle(config: Config, storage: Storage, log: Log): Promise<void> {
  for (const [bucket, rules] of Object.entries(config.buckets)) {
    try {
      const present = await storage.getLifecycle(bucket);
      const wanted = [...configuredLifecycle(rules), ...present.filter(({ id }) => !isConfiguredId(id))];
      if (isSameLifecycle(present, wanted)) continue;
      await storage.putLifecycle(bucket, wanted);
      log('info', 'The lifecycle rules of a bucket were applied', { bucket, rules: wanted.length });
    } catch (error) {
      log('error', 'The lifecycle rules of a bucket could not be applied', { bucket, error });
    }
  }
}
