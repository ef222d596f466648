import { type BackOff, backOffSeconds } from './back-off.ts';
import { PermanentError, TryLaterError } from './errors.ts';

/** How often, and when, work is tried again. */
export interface Patience {
  readonly backOff: BackOff;
  /** After so many attempts a message is set aside. */
  readonly maxAttempts: number;
}

/** What becomes of a message whose work has failed. */
export type Outcome =
  | { readonly action: 'retry'; readonly delaySeconds: number }
  | { readonly action: 'deadLetter'; readonly reason: string };

/**
 * @param attempts - made so far, this one included
 * @param random - from 0 to 1
 */
export function outcomeOf(
  error: unknown,
  attempts: number,
  { backOff, maxAttempts }: Patience,
  random: number,
): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof PermanentError) return { action: 'deadLetter', reason };
  if (attempts >= maxAttempts)
    return { action: 'deadLetter', reason: `After ${attempts} attempts: ${reason}` };
  return {
    action: 'retry',
    delaySeconds:
      error instanceof TryLaterError ? error.delaySeconds : backOffSeconds(backOff, attempts, random),
  };
}
