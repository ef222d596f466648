/**
 * Every refusal that Stowage can give: one class, one table. The `code` is stable and is what programs read; the
 * HTTP status and the title follow from it. Shape on the wire: RFC 9457 (`lib/http/problem.ts`).
 */
const table = {
  invalid_request: [400, 'The request is not valid'],
  invalid_json: [400, 'The body is not valid JSON'],
  body_incomplete: [400, 'The body has broken off'],
  invalid_object_key: [400, 'The object key is not valid'],
  invalid_cursor: [400, 'The cursor is not one that this service gave'],
  invalid_upload_id: [400, 'The upload id is not one that this service gave'],
  unauthenticated: [401, 'Credentials are missing'],
  invalid_credentials: [401, 'The credentials are not valid'],
  token_expired: [401, 'The token has expired'],
  token_used: [401, 'The token has been used'],
  credentials_revoked: [401, 'The credentials were revoked'],
  access_denied: [403, 'No grant of the caller allows this'],
  grant_exceeds_caller: [403, 'A delegated token cannot hold more than its maker'],
  // Not 413: the same object fits again when others have gone. Not 507: a client would try a 5xx again by itself.
  quota_exceeded: [403, 'The quota leaves no room for this'],
  bucket_read_only: [403, 'The bucket takes no changes now'],
  not_found: [404, 'There is no such route'],
  bucket_not_found: [404, 'There is no such bucket'],
  key_not_found: [404, 'There is no such API key'],
  object_not_found: [404, 'There is no such object'],
  webhook_not_found: [404, 'There is no such webhook'],
  delivery_not_found: [404, 'There is no such delivery'],
  method_not_allowed: [405, 'The route does not take this method'],
  object_not_archived: [409, 'The object is in no archive'],
  lifecycle_rule_reserved: [409, 'The lifecycle rule belongs to the configuration'],
  object_exists: [409, 'An object of this key is there already'],
  upload_incomplete: [409, 'Storage has not received the whole upload'],
  upload_aborted: [409, 'The upload was aborted or has been cleaned up'],
  upload_not_resumable: [409, 'Only the id given at creation can go on with this upload'],
  object_replaced: [409, 'The key holds an object that another upload wrote'],
  webhook_disabled: [409, 'The webhook is disabled'],
  too_many_webhooks: [409, 'There are as many webhooks as there may be'],
  upload_expired: [410, 'The upload is past its time'],
  body_too_large: [413, 'The body is larger than this route reads'],
  object_too_large: [413, 'The object is larger than allowed'],
  content_type_not_allowed: [415, 'The content type is not allowed'],
  unsupported_media_type: [415, 'The body must be application/json'],
  upload_mismatch: [422, 'The object in storage is not the one announced'],
  checksum_not_supported: [422, 'The checksum does not fit this upload method'],
  lifecycle_not_supported: [422, 'Storage does not take these lifecycle rules'],
  notifications_not_taken: [422, 'This deployment takes no notifications'],
  cdn_not_configured: [422, 'No content delivery network has this'],
  rate_limited: [429, 'Too many requests'],
  internal_error: [500, 'Something went wrong on our side'],
  storage_refused: [502, 'Storage refused the request of the service'],
  issuer_unavailable: [503, 'The identity provider does not answer'],
  cdn_unavailable: [503, 'The content delivery network cannot be signed for'],
  storage_unavailable: [503, 'Storage does not answer'],
  records_unavailable: [503, 'The database of records does not answer'],
  audit_unavailable: [503, 'The audit log cannot be written'],
  queue_unavailable: [503, 'The queue does not answer'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** The stable name of a cause, as it stands in `code` of every problem document. */
export type ErrorCode = keyof typeof table;

/** One fault in the input: where it stands (`items[3].key`) and what is wrong with it. */
export interface InputFault {
  readonly path: string;
  readonly message: string;
}

export interface ErrorContext {
  /** All faults of the input, not only the first. */
  readonly errors?: readonly InputFault[];
  /** What went wrong inside. Logged, never sent. */
  readonly cause?: unknown;
}

/** The one error class. `detail` is written for the caller: it names the rule that refused and holds nothing internal. */
export class StowageError extends Error {
  override readonly name = 'StowageError';
  readonly code: ErrorCode;
  readonly errors: readonly InputFault[] | undefined;

  constructor(code: ErrorCode, detail: string, context: ErrorContext = {}) {
    super(detail, { cause: context.cause });
    this.code = code;
    this.errors = context.errors;
  }

  get status(): (typeof table)[ErrorCode][0] {
    return table[this.code][0];
  }

  get title(): string {
    return table[this.code][1];
  }
}

/** All codes with status and title, for the contract's description. */
export const errorTable: Readonly<Record<ErrorCode, readonly [status: number, title: string]>> = table;
