import type { WriteStream } from 'node:tty';
import { formatBytes, formatClock } from './format.ts';
import { createRateMeter } from './rate-meter.ts';

/** Shows how far a transfer is. */
export interface ProgressLine {
  update(doneBytes: number): void;
  /** What was moved in which time, for the end. */
  summary(): string;
  /** Takes the line away, so that something else can be written; the next update draws it again. */
  clear(): void;
}

const barWidth = 24;

/** A bar on a terminal; elsewhere (a log of a build) a plain line every ten seconds. */
export function createProgressLine(label: string, totalBytes: number, stream: WriteStream): ProgressLine {
  const intervalMilliseconds = stream.isTTY ? 100 : 10_000;
  const meter = createRateMeter();
  let drawnAt = stream.isTTY ? 0 : performance.now();
  let isDrawn = false;

  function describe(doneBytes: number): string {
    const bytesPerSecond = meter.bytesPerSecond();
    const fraction = totalBytes === 0 ? 1 : doneBytes / totalBytes;
    const figures = [
      `${Math.floor(fraction * 100)} %`.padStart(stream.isTTY ? 5 : 0),
      `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
      ...(bytesPerSecond > 0
        ? [
            `${formatBytes(bytesPerSecond)}/s`,
            `${formatClock((totalBytes - doneBytes) / bytesPerSecond)} left`,
          ]
        : []),
    ].join('  ');
    return stream.isTTY ? fit(label, `${bar(fraction)} ${figures}`, stream.columns) : `${label}: ${figures}`;
  }

  return {
    update(doneBytes) {
      meter.add(doneBytes);
      const now = performance.now();
      if (now - drawnAt < intervalMilliseconds) return;
      drawnAt = now;
      isDrawn = true;
      const text = describe(doneBytes);
      stream.write(stream.isTTY ? `\r${text}\u001B[K` : `${text}\n`);
    },
    summary: () => `${formatBytes(totalBytes)}${meter.summary()}`,
    clear() {
      if (!isDrawn || !stream.isTTY) return;
      stream.write('\r\u001B[K');
      isDrawn = false;
      drawnAt = 0;
    },
  };
}

function bar(fraction: number): string {
  const filled = Math.round(fraction * barWidth);
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}

/** On a narrow terminal the label is cut, then the bar: a line that wraps could not be drawn over. */
function fit(label: string, rest: string, columns: number): string {
  const room = columns - rest.length - 2;
  if (room >= label.length) return `${label} ${rest}`;
  if (room >= 4) return `${label.slice(0, room - 1)}… ${rest}`;
  return rest.slice(barWidth + 1, barWidth + columns);
}
