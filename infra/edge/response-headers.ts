import { Duration } from 'aws-cdk-lib';
import { CfnResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

const transportSecurity: CfnResponseHeadersPolicy.StrictTransportSecurityProperty = {
  accessControlMaxAgeSec: Duration.days(365).toSeconds(),
  includeSubdomains: true,
  override: true,
};

/** What every answer says, wherever it comes from. The API says the rest itself. */
export function apiHeaders(scope: Construct, stage: Stage): string {
  return policy(scope, stage, 'api', {
    securityHeadersConfig: {
      strictTransportSecurity: transportSecurity,
      contentTypeOptions: { override: true },
      referrerPolicy: { referrerPolicy: 'no-referrer', override: false },
    },
  });
}

/**
 * Objects may be anything, also a page with a script: it gets an origin of its own.
 *
 * @param corsOrigins - whose pages may read objects; none: no page may
 */
export function objectHeaders(scope: Construct, stage: Stage, corsOrigins: readonly string[]): string {
  return policy(scope, stage, 'objects', {
    securityHeadersConfig: {
      strictTransportSecurity: transportSecurity,
      contentTypeOptions: { override: true },
      contentSecurityPolicy: { contentSecurityPolicy: 'sandbox', override: true },
    },
    ...(corsOrigins.length > 0 && {
      corsConfig: {
        accessControlAllowOrigins: { items: [...corsOrigins] },
        accessControlAllowMethods: { items: ['GET', 'HEAD'] },
        accessControlAllowHeaders: { items: ['range', 'if-match', 'if-none-match'] },
        accessControlExposeHeaders: { items: ['etag', 'accept-ranges', 'content-range', 'content-length'] },
        accessControlAllowCredentials: true,
        accessControlMaxAgeSec: Duration.hours(1).toSeconds(),
        originOverride: true,
      },
    }),
  });
}

/**
 * The console runs its own script and style, calls the service and reaches storage: nothing inline, nothing from
 * elsewhere, in no frame.
 *
 * @param storageOrigins - where signed addresses lead
 * @param connectOrigins - where else the console may connect
 */
export function consoleHeaders(
  scope: Construct,
  stage: Stage,
  storageOrigins: readonly string[],
  connectOrigins: readonly string[],
): string {
  const storage = storageOrigins.join(' ');
  return policy(scope, stage, 'console', {
    securityHeadersConfig: {
      strictTransportSecurity: transportSecurity,
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: 'DENY', override: true },
      referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
      contentSecurityPolicy: {
        contentSecurityPolicy: [
          `default-src 'none'`,
          `script-src 'self'`,
          `style-src 'self'`,
          `img-src 'self' data: blob: ${storage}`,
          `media-src ${storage}`,
          `connect-src ${["'self'", ...storageOrigins, ...connectOrigins].join(' ')}`,
          `form-action 'none'`,
          `frame-ancestors 'none'`,
          `base-uri 'none'`,
        ].join('; '),
        override: true,
      },
    },
  });
}

function policy(
  scope: Construct,
  stage: Stage,
  part: string,
  config: Omit<CfnResponseHeadersPolicy.ResponseHeadersPolicyConfigProperty, 'name'>,
): string {
  const { ref } = new CfnResponseHeadersPolicy(scope, `${part}-headers`, {
    responseHeadersPolicyConfig: { ...config, name: `stowage-${stage.name}-${part}` },
  });
  return ref;
}
