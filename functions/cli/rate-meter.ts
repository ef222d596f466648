import { formatBytes, formatClock } from './format.ts';

/** Tells how fast a transfer is. */
export interface RateMeter {
  /** The bytes done by now; the first call tells where this run begins, which may be far from zero. */
  add(doneBytes: number): void;
  /** Of the last seconds. */
  bytesPerSecond(): number;
  /** Of the whole run: ` in 1:15 (12.0 MiB/s)`; nothing when it was over at once. */
  summary(): string;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Long enough to be steady, short enough to follow the network. */
const windowMilliseconds = 10_000;
const spacingMilliseconds = 200;

export function createRateMeter(): RateMeter {
  let first: Sample | undefined;
  let last: Sample | undefined;
  let recent: Sample[] = [];

  return {
    add(doneBytes) {
      last = { at: performance.now(), bytes: doneBytes };
      first ??= last;
      const { at } = last;
      const previous = recent.at(-1);
      if (previous && at - previous.at < spacingMilliseconds) return;
      recent = [...recent.filter((sample) => at - sample.at < windowMilliseconds), last];
    },
    bytesPerSecond: () => rateBetween(recent[0], last),
    summary() {
      const seconds = first && last ? (last.at - first.at) / 1000 : 0;
      return seconds < 1 ? '' : ` in ${formatClock(seconds)} (${formatBytes(rateBetween(first, last))}/s)`;
    },
  };
}

function rateBetween(from: Sample | undefined, to: Sample | undefined): number {
  return from && to ? ((to.bytes - from.bytes) * 1000) / Math.max(1, to.at - from.at) : 0;
}
