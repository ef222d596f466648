/**
 * What the pages may do: run their own script and style, call the service, and reach storage. Nothing inline, nothing
 * from elsewhere, in no frame.
 *
 * @param storageOrigins - where signed addresses lead: one for an endpoint in path style, one a bucket otherwise
 * @param connectOrigins - where else the pages may connect
 * @see https://www.w3.org/TR/CSP3/
 */
export function securityHeaders(
  storageOrigins: readonly string[],
  connectOrigins: readonly string[],
): Readonly<Record<string, string>> {
  const storage = storageOrigins.join(' ');
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data: blob: ${storage}`,
    `media-src ${storage}`,
    `connect-src ${["'self'", ...storageOrigins, ...connectOrigins].join(' ')}`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
