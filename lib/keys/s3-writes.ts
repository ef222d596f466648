import { isReadOnly } from '../buckets/read-only.ts';
import type { Flags } from '../config/flags.ts';
import type { Config } from '../config/schema.ts';
import type { Rights } from '../embedded/call.ts';
import { toMetadataHeaders } from '../storage/user-metadata.ts';
import type { Log } from '../telemetry/log.ts';
import { ownMetadata, uploadMarkerHeader } from '../uploads/own-metadata.ts';
import { countedTenant, quotaOf } from '../usage/quotas.ts';
import { newMarker } from '../usage/reservations.ts';
import type { Usage } from '../usage/usage.ts';

/** What holds for those who write to the store by an S3 key of their own, as it does for uploads that the API signs. */
export type S3Writes = Required<Pick<Rights, 'rulesOf' | 'marks' | 'takeRoom'>>;

export interface S3WritesDeps {
  readonly config: Config;
  readonly flags: () => Flags;
  readonly usage: () => Pick<Usage, 'reserve' | 'settle' | 'release'>;
  readonly log: Log;
  readonly now: () => Date;
}

/** @returns what holds for the keys of a tenant */
export function s3Writes({ config, flags, usage, log, now }: S3WritesDeps) {
  const bucketOf = (name: string) => (Object.hasOwn(config.buckets, name) ? config.buckets[name] : undefined);
  // The event of the object makes it good, or the end of its reservation.
  const failed = (error: unknown) => log('warn', 'What an S3 key has written is counted later', { error });

  return (tenant: string | undefined): S3Writes => ({
    rulesOf: (bucket) => {
      const rules = bucketOf(bucket);
      return rules && { ...rules, isReadOnly: isReadOnly(flags(), bucket) };
    },
    marks: (bucket) => {
      const days = bucketOf(bucket)?.abandonedUploadDays ?? 1;
      const marker = newMarker(new Date(now().getTime() + days * 86_400_000));
      return toMetadataHeaders(ownMetadata({ marker, tenant }));
    },
    takeRoom: async ({ bucket, key, sizeBytes, headers }) => {
      const marker = headers[uploadMarkerHeader];
      const counted = countedTenant({ tenant });
      if (marker === undefined || !quotaOf(config, counted, bucket)) return undefined;
      const upload = { tenant: counted, bucket, key, marker };
      await usage().reserve({ ...upload, sizeBytes, isRepeatable: false });
      return {
        settle: () => usage().settle(upload).catch(failed),
        release: () => usage().release(upload).catch(failed),
      };
    },
  });
}
