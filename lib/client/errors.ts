/** One fault in the input of a request: where it stands (`items[3].key`) and what is wrong with it. */
export interface InputFault {
  readonly path: string;
  readonly message: string;
}

/** What the service says about a refusal (RFC 9457, with Stowage's own members). */
export interface Problem {
  /** Stable name of the cause, such as `object_not_found`: what programs read. */
  readonly code: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly InputFault[];
  readonly requestId?: string;
}

/** The service refused a request. `code` is stable; `message` is written for people. */
export class StowageApiError extends Error {
  override readonly name = 'StowageApiError';
  /** HTTP status; 0 when the refusal stands inside the results of a batch that itself succeeded. */
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly errors: readonly InputFault[];
  /** Quote it when you ask the operator: it finds the request in the logs. */
  readonly requestId: string | undefined;
  /** How long the service asks to wait before the next try (`Retry-After`). */
  readonly retryAfterSeconds: number;

  constructor(status: number, problem: Problem, retryAfterSeconds = 0) {
    super(problem.detail ?? problem.title ?? `the service answered ${status}`);
    this.status = status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Storage itself refused bytes. `code` is S3's error code, such as `SignatureDoesNotMatch`. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly status: number;
  readonly code: string;

  /** @param body - S3's error document; storage behind a proxy may answer with anything else */
  constructor(status: number, body: string) {
    const code = textOf(body, 'Code') ?? `Status${status}`;
    super(`storage answered ${status} ${code}: ${textOf(body, 'Message') ?? 'no message'}`);
    this.status = status;
    this.code = code;
  }
}

/** No answer came: the connection could not be made, broke, or stayed silent for too long. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** The source is not the one that the upload was begun with: its size differs. */
export class SourceMismatchError extends Error {
  override readonly name = 'SourceMismatchError';
}

/** S3's error document is flat; a parser would cost the browser more than the two words that are read. */
function textOf(xml: string, element: 'Code' | 'Message'): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}
