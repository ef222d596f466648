import { isReadOnly } from '../buckets/read-only.ts';
import type { Flags } from '../config/flags.ts';
import type { BucketRules, Config } from '../config/schema.ts';
import { toMetadataHeaders } from '../storage/user-metadata.ts';
import type { Log } from '../telemetry/log.ts';
import { ownMetadata, uploadMarkerHeader } from '../uploads/own-metadata.ts';
import { countedTenant, quotaOf } from '../usage/quotas.ts';
import { newMarker } from '../usage/reservations.ts';
import type { Usage } from '../usage/usage.ts';

/** What holds for those who write to the store by an S3 key of their own, as it does for uploads that the API signs. */
export interface S3Writes {
  /** Nothing of a bucket that stands in no configuration. */
  readonly rulesOf: (bucket: string) => S3WriteRules | undefined;
  /** The headers by which an object is known as its writer's; one may not choose them. */
  readonly marks: (bucket: string) => Readonly<Record<string, string>>;
  /**
   * Takes the room that a quota demands.
   *
   * @throws StowageError `quota_exceeded` or `records_unavailable`
   */
  readonly takeRoom: (object: MarkedObject) => Promise<Room | undefined>;
}

export type S3WriteRules = Pick<BucketRules, 'maxObjectBytes' | 'contentTypes'> & {
  readonly isReadOnly: boolean;
};

export interface MarkedObject {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** With its marks among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Room that an object may take. What fails here is made good by the event of the object, or when its time is over. */
export interface Room {
  /** The object is there. */
  readonly settle: () => Promise<void>;
  /** It is not. */
  readonly release: () => Promise<void>;
}

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
