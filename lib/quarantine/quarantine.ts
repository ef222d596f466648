import { hash } from 'node:crypto';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import type { Records } from '../records/port.ts';
import type { SeenObject } from '../storage/seen-objects.ts';
import type { Storage } from '../storage/storage.ts';
import type { Log } from '../telemetry/log.ts';
import { quarantinePrefix } from './reserved-prefix.ts';

/** Takes objects out of the way that must not be used as if nothing was wrong with them. */
export interface Quarantine {
  /**
   * Moves an object under {@link quarantinePrefix}, or tags it where it is, as the bucket's `quarantine` says. Nothing is
   * lost, and an object that has taken its place meanwhile stays. Why it was done is on record before anything is.
   *
   * To be repeated when it fails: it goes on where it was.
   *
   * @param reason - for people, such as `has 5 bytes, not 7`
   * @throws {@link StowageError} `records_unavailable`, {@link S3Error}
   */
  readonly isolate: (object: SuspectObject, reason: string) => Promise<QuarantineResult>;
}

export interface SuspectObject extends SeenObject {
  readonly sizeBytes: number;
}

/** `gone`: it was deleted or replaced before it could be moved. */
export type QuarantineResult = 'moved' | 'tagged' | 'gone';

export interface QuarantineDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly records: Records;
  readonly log: Log;
  readonly now: () => Date;
}

const quarantineTag = 'stowage-quarantine';

/** S3 copies no more in one request. What is larger is tagged, also where the bucket says "move". */
const maxMovedBytes = 5 * 2 ** 30;
const maxKeyBytes = 1024;

export function createQuarantine({ config, storage, records, log, now }: QuarantineDeps): Quarantine {
  async function move(object: SuspectObject, toKey: string): Promise<QuarantineResult> {
    const { bucket, key, versionId } = object;
    if (!(await storage.copySeen(object, toKey))) return 'gone';
    if (await storage.deleteSeen(object)) return 'moved';
    log('warn', 'A quarantined object had been replaced already', { bucket, objectKey: key, versionId });
    return 'moved';
  }

  return {
    isolate: async (object, reason) => {
      const { bucket, key, versionId, etag, sizeBytes } = object;
      const id = hash('sha256', JSON.stringify([key, versionId, etag])).slice(0, 32);
      const isMoved = rulesOf(config, bucket).quarantine === 'move' && sizeBytes <= maxMovedBytes;
      const toKey = isMoved ? quarantinedKey(id, key) : key;
      await records.put({
        partition: `quarantine/${bucket}`,
        sort: id,
        value: { key, versionId, etag, sizeBytes, reason, at: now().toISOString(), quarantinedKey: toKey },
      });
      const result = isMoved ? await move(object, toKey) : await tag(object);
      log('warn', 'Quarantined an object', {
        bucket,
        objectKey: key,
        versionId,
        reason,
        result,
        movedTo: toKey,
      });
      return result;
    },
  };

  async function tag(object: SuspectObject): Promise<QuarantineResult> {
    return (await storage.addTags(object, { [quarantineTag]: 'true' })) ? 'tagged' : 'gone';
  }
}

/** Ends like the object's own key, as far as there is room. */
function quarantinedKey(id: string, key: string): string {
  const start = `${quarantinePrefix}${id}/`;
  const room = maxKeyBytes - start.length;
  const characters = Array.from(key);
  let end = '';
  for (const character of characters.toReversed()) {
    if (Buffer.byteLength(character + end) > room) break;
    end = character + end;
  }
  return start + end;
}
