/** S3's own words for a refusal. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** S3's code, such as `NoSuchKey`; for an answer without a body, one made from its status. */
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(`${code}: ${message}`, { cause });
    this.status = status;
    this.code = code;
  }
}
