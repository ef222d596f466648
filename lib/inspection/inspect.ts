import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import type { ObjectEvent, Scan } from '../events/object-event.ts';
import type { ObjectHead } from '../storage/operations.ts';
import { toldObject } from '../events/told-object.ts';
import type { Subscriber } from '../events/subscriber.ts';
import type { Quarantine, SuspectObject } from '../quarantine/quarantine.ts';
import { isQuarantined } from '../quarantine/reserved-prefix.ts';
import type { Storage } from '../storage/storage.ts';
import { contradicts, realTypeOf, sampleBytes } from './real-type.ts';
import type { Scanner } from './scanner.ts';

export interface InspectDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly quarantine: Quarantine;
  /** Default: none is asked, and malware is known by `object.scanned` alone, which GuardDuty sends. */
  readonly scanner?: Scanner | undefined;
}

/** What was not scanned is tagged, as GuardDuty tags what it has scanned. */
const unscannedTag = { 'stowage-scan': 'unscanned' };
const pieceBytes = 4 * 2 ** 20;

/**
 * Looks into what arrives, where the bucket's `inspect` asks for it: is it what it says, and is it malware? What is not
 * to be trusted is quarantined.
 */
export function inspectObjects({ config, storage, quarantine, scanner }: InspectDeps): Subscriber {
  return {
    name: 'inspect',
    onEvent: async (event) => {
      const asked = rulesOf(config, event.bucket).inspect;
      if (asked.length === 0 || isQuarantined(event.key)) return;
      if (event.type !== 'object.created' && event.type !== 'object.scanned') return;
      const head = await toldObject(storage, event);
      if (!head || head.sizeBytes === 0) return;
      const object = { ...head, bucket: event.bucket, key: event.key, versionId: event.versionId };
      const scan = asked.includes('malware') ? await scanOf(event, object) : undefined;
      if (scan?.result === 'unscanned') await storage.addTags(object, unscannedTag);
      const faults = [
        ...(asked.includes('type') && event.type === 'object.created' ? await typeFaults(object) : []),
        ...(scan?.result === 'infected' ? [`It is infected: ${scan.threats.join(', ')}.`] : []),
      ];
      if (faults.length > 0) await quarantine.isolate(object, faults.join(' '));
    },
  };

  async function scanOf(event: ObjectEvent, object: SuspectObject): Promise<Scan | undefined> {
    return event.type === 'object.scanned' ? event.scan : scanner?.scan(pieces(object));
  }

  async function typeFaults(
    object: SuspectObject & Pick<ObjectHead, 'contentType' | 'contentEncoding'>,
  ): Promise<string[]> {
    // The bytes of a coded object are those of its coding.
    if (object.contentEncoding !== undefined) return [];
    const sample = await storage.readSeen(object, 0, sampleBytes);
    const real = sample && (await realTypeOf(sample));
    return contradicts(object.contentType, real)
      ? [`It says that it is ${object.contentType}, and its first bytes are those of ${real}.`]
      : [];
  }

  /** Ends where the object is gone: then there is nothing to keep anybody from. */
  async function* pieces(object: SuspectObject): AsyncGenerator<Buffer> {
    for (let from = 0; from < object.sizeBytes; from += pieceBytes) {
      const piece = await storage.readSeen(object, from, pieceBytes);
      if (!piece) return;
      yield piece;
    }
  }
}
