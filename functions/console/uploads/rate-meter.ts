/** Tells how fast bytes leave. */
export interface RateMeter {
  /** Bytes per second over the last seconds; 0 until two moments are known. */
  measure(sentBytes: number, now: number): number;
}

/** Long enough to be steady, short enough to follow the network. */
const windowMilliseconds = 5000;

export function createRateMeter(): RateMeter {
  let samples: { readonly at: number; readonly bytes: number }[] = [];
  return {
    measure(sentBytes, now) {
      samples = [
        ...samples.filter(({ at }) => now - at <= windowMilliseconds),
        { at: now, bytes: sentBytes },
      ];
      const [first] = samples;
      return first && now > first.at ? ((sentBytes - first.bytes) * 1000) / (now - first.at) : 0;
    },
  };
}
