/** Lets those who wait for something know that it may have come. */
export interface Arrivals {
  readonly announce: () => void;
  /** To whoever waits longest alone. */
  readonly announceToOne: () => void;
  /** Ends with the next announcement, with the signal, or after so many milliseconds. */
  readonly next: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export function createArrivals(): Arrivals {
  const waiting = new Set<() => void>();

  return {
    announce: () => {
      for (const wake of waiting) wake();
    },
    announceToOne: () => {
      for (const wake of waiting) return wake();
    },
    next: (milliseconds, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, milliseconds);
        waiting.add(wake);
        signal?.addEventListener('abort', wake);
      }),
  };
}
