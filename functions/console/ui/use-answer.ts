import { useCallback, useEffect, useState } from 'preact/hooks';

/** A question to the service, as far as it has been answered. */
export interface Answer<T> {
  /** The last answer; while the next is on its way it stays, so that nothing flickers. */
  readonly value: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks once more. */
  readonly ask: () => void;
}

/**
 * Asks when a component appears and whenever one of `inputs` changes. An answer that has been overtaken is dropped.
 *
 * @param question - reads nothing that changes but `inputs`
 */
export function useAnswer<T>(
  question: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
): Answer<T> {
  const [state, setState] = useState<Omit<Answer<T>, 'ask'>>({
    value: undefined,
    error: undefined,
    isLoading: true,
  });
  const [round, setRound] = useState(0);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState(({ value }) => ({ value, error: undefined, isLoading: true }));
    question(signal)
      .then((value) => ({ value, error: undefined }))
      .catch((error: unknown) => ({ value: undefined, error }))
      .then((outcome) => signal.aborted || setState({ ...outcome, isLoading: false }))
      .catch(reportError);
    return () => controller.abort();
  }, [...inputs, round]);

  return { ...state, ask: useCallback(() => setRound((count) => count + 1), []) };
}
