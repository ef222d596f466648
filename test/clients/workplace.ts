import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { startStore } from '../embedded/server.ts';

/** Where a client is tried: a store, and a folder to work in. */
export interface Workplace {
  readonly endpoint: string;
  /** `HOST:PORT` of the endpoint. */
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Empty at the beginning. */
  readonly bucket: string;
  /** For the client's own files. */
  readonly folder: string;
  /** The folder with {@link sampleFiles}. */
  readonly samples: string;
}

/** Names that clients like to get wrong, sizes from nothing to several parts. */
const sampleSizes: Readonly<Record<string, number>> = {
  'plain.txt': 5,
  empty: 0,
  'a folder/ä + ö & ü.bin': 16_385,
  'a folder/deep/日本語~(1)=.txt': 300_000,
  large: 13_000_003,
};

/** Starts a store and writes the sample files, and removes both in the end. */
export function useWorkplace(): () => Workplace {
  let workplace: Workplace | undefined;
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stowage-client-'));
    const store = await startStore();
    stop = async () => {
      await store.stop();
      await rm(folder, { recursive: true });
    };
    const samples = join(folder, 'samples');
    for (const [name, sizeBytes] of Object.entries(sampleSizes)) {
      await mkdir(dirname(join(samples, name)), { recursive: true });
      await writeFile(join(samples, name), randomBytes(sizeBytes));
    }
    const { endpoint, region, credentials } = store;
    const { host, port } = new URL(endpoint);
    workplace = { endpoint, host, port: Number(port), region, credentials, bucket: 'files', folder, samples };
  });
  afterAll(() => stop?.());
  return () => {
    if (!workplace) throw new Error('The workplace has not been set up.');
    return workplace;
  };
}

export const sampleNames: readonly string[] = Object.keys(sampleSizes).toSorted();

/** A folder's files and their bytes, by their names in it. */
export async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), await readFile(path)] as const;
  });
  return new Map((await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
