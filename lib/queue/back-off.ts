/** How long to wait before work is tried again. */
export interface BackOff {
  /** The longest wait after the first attempt; it doubles with every further one. */
  readonly firstSeconds: number;
  /** The longest wait of all. */
  readonly maxSeconds: number;
}

/**
 * Exponential back-off with full jitter, so that what failed together does not come back together.
 *
 * @param attempts - made so far, at least 1
 * @param random - from 0 to 1
 * @returns whole seconds, at least 1
 */
export function backOffSeconds(
  { firstSeconds, maxSeconds }: BackOff,
  attempts: number,
  random: number,
): number {
  const longest = Math.min(maxSeconds, firstSeconds * 2 ** (attempts - 1));
  return Math.max(1, Math.round(longest * random));
}
