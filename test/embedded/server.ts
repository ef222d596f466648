import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedStoreOptions, openEmbeddedStore } from '../../lib/embedded/store.ts';
import type { KeySource } from '../../lib/config/standalone-environment.ts';
import { readMasterKey } from '../../lib/embedded/encryption/master-key.ts';
import type { Log } from '../../lib/telemetry/log.ts';

export const credentials = { accessKeyId: 'STOWAGETEST', secretAccessKey: 'only-for-tests' };
export const region = 'us-east-1';
/** Of the stores that encrypt. */
export const masterKey = { text: Buffer.alloc(32, 'master key').toString('base64') };

/** An embedded store that listens on a free port, in a folder of its own unless one is given. */
export async function startStore(
  options: {
    dataDir?: string;
    versioning?: boolean;
    corsOrigins?: string[];
    now?: () => Date;
    log?: Log;
    lifecycleDaySeconds?: number;
    addressing?: EmbeddedStoreOptions['addressing'];
    callerOf?: EmbeddedStoreOptions['callerOf'];
    masterKey?: KeySource | undefined;
  } = {},
) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'stowage-embedded-')));
  const store = await openEmbeddedStore({
    dataDir,
    credentials,
    region,
    buckets: [{ name: 'files', versioning: options.versioning ?? false }],
    corsOrigins: () => options.corsOrigins ?? [],
    log: options.log ?? (() => undefined),
    addressing: options.addressing,
    callerOf: options.callerOf,
    masterKey: options.masterKey && readMasterKey(options.masterKey),
    ...(options.now && { now: options.now }),
    lifecycleDaySeconds: options.lifecycleDaySeconds,
  });
  await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  const { port } = store.server.address() as AddressInfo;
  return {
    region,
    credentials,
    endpoint: `http://127.0.0.1:${port}`,
    dataDir,
    store,
    stop: async () => {
      await store.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true });
    },
  };
}

/** The names of all files that hold bodies. */
export async function blobFiles(dataDir: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
