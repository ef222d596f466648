import { ConnectionError, StorageError, StowageApiError } from '../../../lib/client/errors.ts';

export interface FaultProps {
  readonly error: unknown;
  /** What trying again means here. */
  readonly onRetry?: () => void;
  readonly onSignIn?: () => void;
}

/** What went wrong, what to do about it, and what to quote when asking for help. */
export function Fault({ error, onRetry, onSignIn }: FaultProps) {
  const requestId = error instanceof StowageApiError ? error.requestId : undefined;
  const mayRetry = onRetry && !(isOverForCredential(error) && onSignIn);
  return (
    <div class="fault" role="alert">
      <p>
        <strong>{explain(error)}</strong>
      </p>
      <p>{advise(error)}</p>
      {requestId !== undefined && (
        <p class="quiet">
          Request id <code>{requestId}</code>
        </p>
      )}
      {mayRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
      {isOverForCredential(error) && onSignIn && (
        <button type="button" onClick={onSignIn}>
          Sign in again
        </button>
      )}
    </div>
  );
}

/** One sentence, for where there is no room for more. */
export function explain(error: unknown): string {
  if (error instanceof ConnectionError) return 'The service does not answer.';
  if (error instanceof StorageError) return `Storage refused it (${error.code}).`;
  return error instanceof Error ? error.message : String(error);
}

export function isOverForCredential(error: unknown): boolean {
  return error instanceof StowageApiError && error.status === 401;
}

function advise(error: unknown): string {
  if (error instanceof ConnectionError)
    return 'Check that it is running and that you are online, then try again.';
  if (error instanceof StorageError)
    return 'The signed address may have expired. Try again to get a fresh one.';
  if (!(error instanceof StowageApiError)) return 'Try again. If it stays, reload the page.';
  if (error.status === 401) return 'Sign in with another key, or ask for a fresh token.';
  if (error.status === 403) return 'Ask whoever gave you the key for a grant that covers this.';
  if (error.status === 404) return 'It may have been deleted or renamed. Go back and look at the list anew.';
  if (error.status >= 500) return 'Try again in a moment. If it stays, quote the request id to the operator.';
  return 'Change what was asked for, then try again.';
}
