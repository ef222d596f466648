import { type ErrorCode, StowageError } from '../errors.ts';
import { S3Error } from './errors.ts';

/** What S3's refusals of the service's own requests mean to a caller. The rest is no business of theirs. */
const codes: Readonly<Record<string, readonly [code: ErrorCode, detail: string]>> = {
  NoSuchKey: ['object_not_found', 'Storage has no object of this key.'],
  NoSuchVersion: ['object_not_found', 'Storage has no such version of the object.'],
  NoSuchUpload: ['upload_aborted', 'Storage does not know the upload any more.'],
  PreconditionFailed: ['object_exists', 'A condition of the request does not hold in storage.'],
};

/** The refusal that an unforeseen error becomes. The error itself is its cause: for the log, never for the caller. */
export function refusalOfStorage(error: unknown): StowageError {
  if (!(error instanceof S3Error)) {
    return new StowageError(
      'internal_error',
      'The request could not be served; the request id finds the cause.',
      { cause: error },
    );
  }
  const known = codes[error.code];
  if (known) return new StowageError(...known, { cause: error });
  const unavailable = error.status === 0 || error.status === 429 || error.status >= 500;
  return unavailable
    ? new StowageError('storage_unavailable', 'Storage did not answer in time; try again.', { cause: error })
    : new StowageError('storage_refused', 'Storage refused what the service asked of it.', { cause: error });
}
