import { type LifecycleRule, type ListObjectVersionsCommandOutput, S3 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach } from 'vitest';
import { startStore } from '../server.ts';

export const day = 86_400_000;
export const Bucket = 'files';

/** A store whose clock goes as far ahead as a test likes, and whose rules run when it says so. */
export interface ClockedStore {
  readonly s3: S3;
  readonly running: Awaited<ReturnType<typeof startStore>>;
  /** Lets this many days pass, then does what is due. */
  readonly pass: (days: number) => ReturnType<ClockedStore['running']['store']['runLifecycle']>;
  readonly put: (...rules: Partial<LifecycleRule>[]) => Promise<void>;
  /** `KEY SIZE` of each version, delete markers as `KEY -`; sorted. */
  readonly versions: () => Promise<string[]>;
  /** What has happened so far, since it was last asked. */
  readonly events: () => Record<string, unknown>[];
}

/** Starts a store for each test. */
export function useClockedStore(options: { versioning: boolean }): () => ClockedStore {
  let current: (ClockedStore & { stop: () => Promise<void> }) | undefined;
  beforeEach(async () => {
    current = await open(options);
  });
  afterEach(() => current?.stop());
  return () => {
    if (!current) throw new Error('The store has not been started.');
    return current;
  };
}

async function open({ versioning }: { versioning: boolean }) {
  let ahead = 0;
  const running = await startStore({ versioning, now: () => new Date(Date.now() + ahead) });
  const { endpoint, region, credentials, store } = running;
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  // The SDK would go by the `Date` of answers, which is the true one.
  s3.middlewareStack.add(
    (next) => (args) => {
      s3.config.systemClockOffset = ahead;
      return next(args);
    },
    { step: 'initialize' },
  );
  let seen = 0;
  return {
    s3,
    running,
    pass: async (days: number) => {
      ahead += days * day;
      return store.runLifecycle();
    },
    put: async (...rules: Partial<LifecycleRule>[]) => {
      const Rules = rules.map((rule, at): LifecycleRule => ({
        ID: `r${at}`,
        Status: 'Enabled',
        Filter: { Prefix: '' },
        ...rule,
      }));
      await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules } });
    },
    versions: async () => {
      const found: string[] = [];
      for await (const { Versions = [], DeleteMarkers = [] } of versionPages(s3)) {
        for (const { Key, Size } of Versions) found.push(`${Key} ${Size}`);
        for (const { Key } of DeleteMarkers) found.push(`${Key} -`);
      }
      return found.toSorted();
    },
    events: () => {
      const fresh = store.events.read(seen, 1000);
      seen = fresh.at(-1)?.sequence ?? seen;
      return fresh.map(({ event }) => ({ type: event['detail-type'], ...event.detail }));
    },
    stop: async () => {
      s3.destroy();
      await running.stop();
    },
  };
}

async function* versionPages(s3: S3): AsyncGenerator<ListObjectVersionsCommandOutput> {
  for (let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; markers;) {
    const page: ListObjectVersionsCommandOutput = await s3.listObjectVersions({ Bucket, ...markers });
    yield page;
    const { NextKeyMarker = '', NextVersionIdMarker = '' } = page;
    markers = page.IsTruncated
      ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker }
      : undefined;
  }
}
