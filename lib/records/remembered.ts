/** Within so many seconds a value counts as the records' own. */
export const freshSeconds = 5;

/** So many seconds at most a value is believed, whatever becomes of the records: what changes takes effect by then. */
export const patienceSeconds = 30;

/**
 * Reads a value and keeps it in memory, so that hardly a request waits for the records. A value older than
 * {@link freshSeconds} is read again beside the request that notices; one older than {@link patienceSeconds}, or none
 * yet, is waited for.
 *
 * @returns the value, at once where it is at hand; rejected as `read` is, where it is waited for
 */
export function remembered<T>(read: () => Promise<T>, now: () => Date): () => T | Promise<T> {
  let known: { readonly value: T; readonly readAt: number } | undefined;
  let reading: Promise<T> | undefined;

  async function refresh(): Promise<T> {
    const readAt = now().getTime();
    try {
      const value = await read();
      known = { value, readAt };
      return value;
    } finally {
      reading = undefined;
    }
  }

  return () => {
    const ageSeconds = known ? (now().getTime() - known.readAt) / 1000 : Infinity;
    if (known && ageSeconds < freshSeconds) return known.value;
    if (!reading) {
      reading = refresh();
      // Told to whoever waits for it; the next request reads again.
      reading.catch(() => {});
    }
    return known && ageSeconds < patienceSeconds ? known.value : reading;
  };
}
