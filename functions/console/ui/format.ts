/** Sizes, times and durations as the reader's own language writes them. */

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];

/** Powers of 1,000, as the units are defined: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: byteUnits[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 100 && power > 0 ? 1 : 0,
  }).format(value);
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

export function formatPercent(fraction: number): string {
  return new Intl.NumberFormat(undefined, { style: 'percent' }).format(Math.floor(fraction * 100) / 100);
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count);
}

/** In the largest unit that says something: `40 sec`, `3 min`, `2 hr`. */
export function formatDuration(seconds: number): string {
  const [unit, length] =
    seconds < 90
      ? ['second', 1]
      : seconds < 5400
        ? ['minute', 60]
        : seconds < 129_600
          ? ['hour', 3600]
          : ['day', 86_400];
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short' }).format(
    Math.ceil(seconds / length),
  );
}

/** @param timestamp - RFC 3339 */
export function formatTime(timestamp: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(timestamp),
  );
}
