import * as v from 'valibot';
import type { Config } from '../config/schema.ts';
import { findCounted, listCounted, type ObjectVersion } from '../usage/counted-objects.ts';
import type { Amount } from '../usage/counters.ts';
import { hasQuotas } from '../usage/quotas.ts';
import { recountObject } from '../usage/recount.ts';
import type { Plan, SettleDeps } from '../usage/plan.ts';
import { type Step, type Task, taskOf } from './task.ts';
import { workThrough } from './work-through.ts';

/** First what storage has is held against what is counted, then what is counted against what storage has. */
const cursorSchema = v.variant('phase', [
  v.object({
    phase: v.literal('stored'),
    bucket: v.string(),
    after: v.optional(v.object({ key: v.string(), versionId: v.optional(v.string()) })),
  }),
  v.object({ phase: v.literal('counted'), bucket: v.string(), after: v.optional(v.string()) }),
]);

type Cursor = v.InferOutput<typeof cursorSchema>;
type StoredPosition = Extract<Cursor, { phase: 'stored' }>['after'];

export interface ReconciliationDeps extends SettleDeps {
  readonly config: Config;
  /** So many objects are looked at at once. */
  readonly atOnce: number;
}

interface Listed extends ObjectVersion {
  readonly sizeBytes: number;
}

/**
 * Makes usage say of each object in the buckets with a quota what storage says, whatever became of its events. Every
 * correction is one of a single object, made against what is counted at that moment, so that uploads and deletions may go
 * on meanwhile: they are counted once, by whoever comes first.
 *
 * @param stepSize - so many objects are looked at in a step
 */
export function usageReconciliation(deps: ReconciliationDeps, stepSize = 200): Task {
  const { config, storage, records, atOnce } = deps;
  const buckets = Object.keys(config.buckets)
    .filter((bucket) => hasQuotas(config, bucket))
    .toSorted();

  return taskOf({
    name: 'usage-reconciliation',
    everySeconds: 86_400,
    // What stands in a bucket that gets a quota is to be counted before somebody asks.
    scope: buckets.join(),
    cursor: cursorSchema,
    step: async (cursor): Promise<Step<Cursor>> => {
      // One that has no quota any more is passed over.
      const bucket = buckets.find((name) => name >= (cursor?.bucket ?? ''));
      if (bucket === undefined) return { counts: {}, failures: [] };
      if (cursor?.bucket !== bucket) return compareStored(bucket, undefined);
      return cursor.phase === 'stored'
        ? compareStored(bucket, cursor.after)
        : compareCounted(bucket, cursor.after);
    },
  });

  async function compareStored(bucket: string, after: StoredPosition): Promise<Step<Cursor>> {
    const { objects, next } = await listStored(bucket, after);
    const step = await compare(bucket, objects, async ({ sizeBytes, ...object }) => {
      const counted = await findCounted(records, bucket, object);
      return counted?.bytes === sizeBytes ? undefined : recount(bucket, object);
    });
    return { ...step, next: next ? { phase: 'stored', bucket, after: next } : { phase: 'counted', bucket } };
  }

  async function compareCounted(bucket: string, after: string | undefined): Promise<Step<Cursor>> {
    const { objects, next } = await listCounted(records, bucket, { limit: stepSize, after });
    const step = await compare(bucket, objects, (object) => recount(bucket, object));
    if (next !== undefined) return { ...step, next: { phase: 'counted', bucket, after: next } };
    const following = buckets[buckets.indexOf(bucket) + 1];
    return { ...step, next: following === undefined ? undefined : { phase: 'stored', bucket: following } };
  }

  async function compare<T>(
    bucket: string,
    objects: readonly T[],
    look: (object: T) => Promise<Plan | undefined>,
  ): Promise<Step<Cursor>> {
    const counts = { compared: 0, corrected: 0, driftBytes: 0, driftObjects: 0 };
    const failures = await workThrough(objects, atOnce, async (object) => {
      const plan = await look(object);
      counts.compared += 1;
      if (!plan || plan.writes.length === 0) return;
      const drift = driftOf(plan);
      counts.corrected += 1;
      counts.driftBytes += drift.bytes;
      counts.driftObjects += drift.objects;
    });
    return { counts, failures: failures.map((cause) => new Error(`In the bucket ${bucket}`, { cause })) };
  }

  function recount(bucket: string, { key, versionId }: ObjectVersion): Promise<Plan> {
    return recountObject(deps, { bucket, key, versionId }, versionId ?? nullVersion(bucket));
  }

  /** What storage calls the object that usage knows without a version. */
  function nullVersion(bucket: string): string | undefined {
    return config.buckets[bucket]?.versioning ? 'null' : undefined;
  }

  async function listStored(
    bucket: string,
    after: StoredPosition,
  ): Promise<{ readonly objects: readonly Listed[]; readonly next: StoredPosition }> {
    if (!config.buckets[bucket]?.versioning) {
      const query = { prefix: '', limit: stepSize, startAfter: after?.key };
      const { objects, continuation } = await storage.list(bucket, query);
      const last = continuation === undefined ? undefined : objects.at(-1);
      return { objects, next: last && { key: last.key } };
    }
    const position = after && { key: after.key, versionId: after.versionId ?? '' };
    const { versions, next } = await storage.pageOfVersions(bucket, { limit: stepSize, after: position });
    const objects = versions.map(({ versionId, ...version }) => ({
      ...version,
      ...(versionId !== 'null' && { versionId }),
    }));
    return { objects, next };
  }
}

/** By how much each tenant's usage was wrong, without its sign, and all of them together. */
function driftOf({ shifts }: Plan): Amount {
  const ofTenants = Array.from(Map.groupBy(shifts, ({ tenant }) => tenant).values(), (ofTenant) => ({
    bytes: Math.abs(ofTenant.reduce((sum, { stored }) => sum + (stored?.bytes ?? 0), 0)),
    objects: Math.abs(ofTenant.reduce((sum, { stored }) => sum + (stored?.objects ?? 0), 0)),
  }));
  return {
    bytes: ofTenants.reduce((sum, { bytes }) => sum + bytes, 0),
    objects: ofTenants.reduce((sum, { objects }) => sum + objects, 0),
  };
}
