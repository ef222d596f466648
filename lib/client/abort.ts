/**
 * Helpers around `AbortSignal` that do without its newer members: React Native has neither `reason` nor
 * `AbortSignal.any` nor `AbortSignal.timeout`.
 */

/** What to throw when a signal has fired: its reason, or an `AbortError`. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? Object.assign(new Error('the operation was aborted'), { name: 'AbortError' });
}

/** @throws the signal's reason when it has fired */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}

/** A controller that also fires when the outer signal does. Call `release` when done, so that a long-lived signal keeps nothing. */
export function linkedController(outer: AbortSignal | undefined): {
  controller: AbortController;
  release: () => void;
} {
  const controller = new AbortController();
  if (!outer) return { controller, release: () => undefined };
  const follow = () => controller.abort(abortReason(outer));
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow);
  return { controller, release: () => outer.removeEventListener('abort', follow) };
}

/** Waits; ends early with the signal's reason. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const stop = () => {
      clearTimeout(timer);
      reject(signal ? abortReason(signal) : undefined);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop);
  });
}
