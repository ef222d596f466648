import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../telemetry/log.ts';
import { openCheckedFile } from './blobs/checked-file.ts';
import type { Blobs } from './blobs/blobs.ts';
import type { StoredPiece } from './index/contents.ts';
import type { ObjectIndex } from './index/object-index.ts';

export interface ScrubReport {
  readonly checked: number;
  /** Whatever the disk has lost or changed. */
  readonly damaged: readonly Damage[];
}

/** A stored piece of a body that can't be read as it was written. */
export interface Damage {
  /** Absent where the index itself holds the bytes. */
  readonly file?: string;
  /** `BUCKET/KEY` of the objects that it belongs to; none where it belongs to an unfinished upload. */
  readonly objects: readonly string[];
  readonly reason: string;
}

export interface ScrubOptions {
  readonly index: ObjectIndex;
  readonly blobs: Blobs;
  /** Called with the milliseconds that a read took; the next one begins when it resolves. */
  readonly rest: (workedMilliseconds: number) => Promise<void>;
}

const pageSize = 100;

/** Reads everything that is stored and holds it to its sums. Changes nothing. */
export async function scrub({ index, blobs, rest }: ScrubOptions): Promise<ScrubReport> {
  const { contents, objects } = index;
  const buffer = Buffer.alloc(1024 * 1024);
  const damaged: Damage[] = [];
  let checked = 0;

  async function checkPiece(piece: StoredPiece): Promise<void> {
    const { contentId, partNumber, file, sizeBytes } = piece;
    const release = blobs.hold(contentId);
    try {
      const whole = { from: 0, until: sizeBytes };
      const opened = await openCheckedFile(await blobs.open(file), piece, blobs.encryption, whole);
      try {
        for (let at = 0; at < sizeBytes; at += buffer.length) {
          const startedAt = performance.now();
          await opened.read(buffer, at, sizeBytes);
          await rest(performance.now() - startedAt);
        }
      } finally {
        await opened.close();
      }
    } catch (error) {
      // Replaced or deleted meanwhile.
      if (!contents.refersTo(contentId, partNumber, file)) return;
      note(contentId, error, file);
    } finally {
      release();
    }
  }

  function checkInline(contentId: number): void {
    try {
      contents.inline(contentId);
    } catch (error) {
      note(contentId, error);
    }
  }

  function note(contentId: number, error: unknown, file?: string): void {
    damaged.push({
      ...(file !== undefined && { file }),
      objects: objects.holding(contentId),
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  for (let last: StoredPiece | undefined; ;) {
    const page = contents.piecesAfter(last?.contentId ?? 0, last?.partNumber ?? 0, pageSize);
    for (const piece of page) await checkPiece(piece);
    checked += page.length;
    last = page.at(-1);
    if (!last) break;
  }
  for (let last = 0; ;) {
    const page = contents.inlineAfter(last, pageSize);
    for (const contentId of page) checkInline(contentId);
    await rest(0);
    checked += page.length;
    const end = page.at(-1);
    if (end === undefined) break;
    last = end;
  }
  return { checked, damaged };
}

const betweenMilliseconds = 24 * 3_600_000;
const restsPerWork = 9;

/** Scrubs once a day, with at most a tenth of the disk's time, and logs what is damaged. Until the signal. */
export async function keepScrubbing(
  { index, blobs, log }: Omit<ScrubOptions, 'rest'> & { readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const wait = (milliseconds: number) => sleep(milliseconds, undefined, { signal, ref: false });
  try {
    for (;;) {
      await wait(betweenMilliseconds);
      const report = await scrub({ index, blobs, rest: (worked) => wait(worked * restsPerWork) });
      for (const damage of report.damaged) log('error', 'A stored body is damaged', { ...damage });
      log('info', 'All stored bodies have been checked', {
        checked: report.checked,
        damaged: report.damaged.length,
      });
    }
  } catch (error) {
    if (!signal.aborted) log('error', 'Stored bodies can no longer be checked', { error });
  }
}
