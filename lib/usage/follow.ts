import type { Config } from '../config/schema.ts';
import type { ObjectEvent } from '../events/object-event.ts';
import type { Subscriber } from '../events/subscriber.ts';
import { findCounted } from './counted-objects.ts';
import { hasQuotas } from './quotas.ts';
import { recountUntilSame } from './recount.ts';
import type { SettleDeps } from './plan.ts';

/**
 * Follows what comes into the buckets and goes from them past this service, too: by an S3 client, by a lifecycle rule.
 *
 * An event is only an occasion to look: what usage says afterwards is what storage says. So events may come twice and
 * in any order, since the last change of an object is always followed by a look.
 */
export function followUsage(deps: SettleDeps & { readonly config: Config }): Subscriber {
  const { config, records } = deps;
  return {
    name: 'usage',
    onEvent: async (event) => {
      const { bucket, key } = event;
      if (!changesUsage(event) || !hasQuotas(config, bucket)) return;
      // What S3 calls the version "null" is the object that was there without versions, or after them.
      const versionId = event.versionId === 'null' ? undefined : event.versionId;
      const object = { bucket, key, versionId };
      if (await isKnown(event, object)) return;
      await recountUntilSame(deps, object, event.versionId);
    },
  };

  /** Spares the look where usage knows already: what came by this service and was completed or deleted there. */
  async function isKnown(
    { type, upload }: ObjectEvent,
    {
      bucket,
      ...object
    }: { readonly bucket: string; readonly key: string; readonly versionId: string | undefined },
  ): Promise<boolean> {
    const counted = await findCounted(records, bucket, object);
    if (type === 'object.deleted') return !counted;
    return upload ? counted?.marker === upload.marker : false;
  }
}

/** A marker hides an object; what it holds is still there. */
function changesUsage({ type, deletion }: ObjectEvent): boolean {
  return type === 'object.created' || (type === 'object.deleted' && deletion !== 'marker');
}
