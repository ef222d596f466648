/** A request to AWS as it was sent, before it means anything. */
export interface AwsRequest {
  readonly method: string;
  /** Without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** What IAM is asked before a request is carried out. */
export interface NeededPermission {
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
}
