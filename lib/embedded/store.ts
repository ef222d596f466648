import type * as http from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { everything } from '../access/grants.ts';
import type { Log } from '../telemetry/log.ts';
import type { Addressing } from './addressing.ts';
import type { Authority } from './auth/authenticate.ts';
import { openBlobs } from './blobs/blobs.ts';
import { createBufferPool } from './body/buffer-pool.ts';
import { createHashPool } from './body/hash-pool.ts';
import { openDataFolder } from './data-folder.ts';
import { createEncryption } from './encryption/encryption.ts';
import { holdToMasterKey } from './encryption/hold-to-master-key.ts';
import type { MasterKey } from './encryption/master-key.ts';
import { type EventLog, openEventLog } from './events.ts';
import { openObjectIndex } from './index/object-index.ts';
import { addBucket } from './operations/buckets.ts';
import { setVersioning } from './operations/bucket-versioning.ts';
import type { LifecycleReport } from './lifecycle/pass.ts';
import { keepLifecycle, runLifecycle } from './lifecycle/runner.ts';
import { keepScrubbing, scrub, type ScrubReport } from './scrub.ts';
import { createS3Server } from './server.ts';

export interface EmbeddedStoreOptions {
  /** Folder for index and blobs; made if absent. */
  readonly dataDir: string;
  /** Of the root, who may do everything. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Whom other access keys stand for. Default: there are none. */
  readonly callerOf?: Authority['callerOf'] | undefined;
  readonly region: string;
  readonly buckets: readonly BucketSetup[];
  /** Origins whose browsers may call; `*` stands for all. Asked for every request. */
  readonly corsOrigins: () => readonly string[];
  readonly log: Log;
  /** Default: bodies are stored as they are. */
  readonly masterKey?: MasterKey | undefined;
  /** Default: requests come straight, in path style. */
  readonly addressing?: Addressing | undefined;
  /** Makes the HTTP server. Default: one without TLS. */
  readonly createServer?: ((options: http.ServerOptions) => http.Server) | undefined;
  /** Default: the system clock. */
  readonly now?: () => Date;
  /** How long a day of lifecycles and of archives is, for tests and trials. Default: 86,400. */
  readonly lifecycleDaySeconds?: number | undefined;
}

/** What a bucket has from the start. */
export interface BucketSetup {
  /** Made when absent. */
  readonly name: string;
  /** Enables versioning. Without it a bucket stays as it is: only the S3 API suspends versioning. */
  readonly versioning: boolean;
}

export interface EmbeddedStore {
  /** Speaks S3. Not listening yet. */
  readonly server: http.Server;
  /** Every change of an object. */
  readonly events: EventLog;
  /** Reads everything that is stored and tells what is damaged. The store does it by itself once a day, too. */
  scrub(): Promise<ScrubReport>;
  /** Does all that the lifecycle of a bucket asks for now. The store does it by itself at midnight UTC, too. */
  runLifecycle(): Promise<LifecycleReport>;
  /** Lets requests under way end, then closes the index. */
  close(): Promise<void>;
}

/**
 * An S3 server in this process, over an SQLite index and files.
 *
 * A write is acknowledged when its bytes and its index entry are on disk. Whatever a crash leaves half done is removed
 * here, at the next start.
 *
 * @throws Error when another process uses the folder, a newer release wrote it, its index is missing or damaged, or the master
 *   key is missing or not its own
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { credentials, region, log, masterKey } = options;
  const { now = () => new Date(), lifecycleDaySeconds = 86_400 } = options;
  const folder = await openDataFolder(options.dataDir);
  const encryption = createEncryption(masterKey);
  const index = await openObjectIndex(folder.indexFile, encryption).catch((error: unknown) => {
    folder.unlock();
    throw error;
  });
  try {
    await holdToMasterKey(index, masterKey);
    const { blobs, orphans } = await openBlobs(folder.blobRoot, encryption, index.contents.refersTo);
    if (orphans > 0) log('info', 'Removed what an unfinished write left behind', { orphans });
    for (const { name, versioning } of options.buckets) {
      if (!index.buckets.find(name)) await addBucket({ index, now }, name);
      if (versioning) await setVersioning({ index }, name, 'Enabled');
    }
    const intake = { buffers: createBufferPool(), hashing: createHashPool() };
    const services = { index, blobs, intake, region, now, dayMilliseconds: lifecycleDaySeconds * 1000 };
    const server = createS3Server({
      services,
      authority: {
        region,
        now,
        callerOf: (accessKeyId) =>
          accessKeyId === credentials.accessKeyId
            ? { secretAccessKey: credentials.secretAccessKey, grants: [everything] }
            : options.callerOf?.(accessKeyId),
      },
      addressing: options.addressing ?? { domains: [], trustedProxyHops: 0 },
      corsOrigins: options.corsOrigins,
      log,
      createServer: options.createServer,
    });
    const closing = new AbortController();
    const work = [
      keepScrubbing({ index, blobs, log }, closing.signal),
      keepLifecycle(services, log, closing.signal),
    ];
    return {
      server,
      events: openEventLog({ index, region }),
      scrub: () => scrub({ index, blobs, rest: () => setImmediate() }),
      runLifecycle: () => runLifecycle(services),
      close: async () => {
        closing.abort();
        await Promise.all(work);
        await drain(server);
        await intake.hashing.close();
        await blobs.settled();
        await index.close();
        folder.unlock();
      },
    };
  } catch (error) {
    await index.close();
    folder.unlock();
    throw error;
  }
}

function drain(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) {
      resolve();
      return;
    }
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
