/** How far an upload is. `sentBytes` never falls, also when a part has to be sent again. */
export interface Progress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

/** Adds up the parts. */
export interface ProgressMeter {
  /** Bytes of this part that have left; less than before when it begins again. */
  set(partNumber: number, sentBytes: number): void;
}

/**
 * @param totalBytes - of the source
 * @param receivedBytes - what storage has already; reported at once, so that a rate can be told from it
 */
export function createProgressMeter(
  totalBytes: number,
  receivedBytes: number,
  onProgress: ((progress: Progress) => void) | undefined,
): ProgressMeter {
  const sentByPart = new Map<number, number>();
  let sum = receivedBytes;
  let reported = receivedBytes;
  onProgress?.({ sentBytes: reported, totalBytes });
  return {
    set(partNumber, sentBytes) {
      sum += sentBytes - (sentByPart.get(partNumber) ?? 0);
      sentByPart.set(partNumber, sentBytes);
      if (sum <= reported) return;
      reported = sum;
      onProgress?.({ sentBytes: reported, totalBytes });
    },
  };
}
