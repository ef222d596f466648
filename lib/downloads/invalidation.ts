import { hash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { ObjectEvent } from '../events/object-event.ts';
import { parseObjectEvents, UnreadableEventError } from '../events/parse.ts';
import type { Records } from '../records/port.ts';
import { uriEncodePath } from '../storage/sigv4.ts';
import type { Log } from '../telemetry/log.ts';

/**
 * Takes out of CloudFront's caches what has been overwritten or deleted. A key that is written for the first time was in no
 * cache: since S3 does not say which it is, the keys that have been written are remembered. So an upload of a million new
 * files costs no invalidation, of which each costs half a cent.
 */
export interface InvalidationDeps {
  readonly records: Pick<Records, 'put'>;
  /** Asks CloudFront to forget these paths. */
  readonly invalidate: (paths: readonly string[], reference: string) => Promise<void>;
  readonly bucketOf: (nameInStorage: string) => string;
  readonly log: Log;
}

const sqsBatch = v.object({ Records: v.array(v.object({ messageId: v.string(), body: v.string() })) });

/** CloudFront works on 3,000 paths at once; more changes than this in a minute take the whole cache with them, as one path. */
const maxKeys = 200;

/** A Lambda handler for a minute's changes. What cannot be read comes again until it is set aside. */
export function invalidationHandler({ records, invalidate, bucketOf, log }: InvalidationDeps) {
  return async (batch: unknown) => {
    const unreadable: string[] = [];
    const events: ObjectEvent[] = [];
    for (const { messageId, body } of v.parse(sqsBatch, batch).Records) {
      try {
        events.push(...parseObjectEvents(body, bucketOf));
      } catch (error) {
        if (!(error instanceof UnreadableEventError)) throw error;
        log('error', 'A message is no event of storage', { message: messageId, error });
        unreadable.push(messageId);
      }
    }
    const stale = await Promise.all(events.map(async (event) => ((await mayBeCached(event)) ? [event] : [])));
    const paths = invalidatedPaths(stale.flat());
    if (paths.length > 0) {
      await invalidate(paths, randomUUID());
      log('info', 'Out of the caches of the CDN', { paths: paths.length });
    }
    return { batchItemFailures: unreadable.map((itemIdentifier) => ({ itemIdentifier })) };
  };

  async function mayBeCached({ type, bucket, key }: ObjectEvent): Promise<boolean> {
    if (type !== 'object.created') return type === 'object.deleted';
    const partition = `cdn/${hash('sha256', JSON.stringify([bucket, key]), 'base64url')}`;
    const isNew = await records.put({ partition, sort: 'written', value: null }, 'absent');
    return isNew === undefined;
  }
}

/**
 * The paths of objects, each once: as callers have it, and as it is once a function of CloudFront has taken the bucket
 * off. CloudFront wants to be told both.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
 */
export function invalidatedPaths(
  objects: readonly { readonly bucket: string; readonly key: string }[],
): readonly string[] {
  const paths = new Set(
    objects.flatMap(({ bucket, key }) => {
      // `*` stands for any text only at the end of a path, and is encoded here.
      const encoded = uriEncodePath(key);
      return [`/o/${bucket}/${encoded}`, `/${encoded}`];
    }),
  );
  return paths.size > 2 * maxKeys ? ['/*'] : [...paths];
}
