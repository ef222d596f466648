/**
 * When something of this age is due: so many days after it began, rounded up to the next midnight UTC, as S3 counts.
 *
 * @param time - milliseconds since 1970
 * @param dayMilliseconds - how long a day is; midnights are its multiples
 */
export function dueAfterDays(time: number, days: number, dayMilliseconds: number): number {
  return (Math.floor(time / dayMilliseconds + days) + 1) * dayMilliseconds;
}
