import {
  CachePolicy,
  CfnCachePolicy,
  type CfnDistribution,
  OriginRequestPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import type { BucketRules } from '../../lib/config/schema.ts';
import type { Stage } from '../stages.ts';
import { bucketHeader } from './request-functions.ts';

const reading = ['GET', 'HEAD', 'OPTIONS'];
const everything = [...reading, 'PUT', 'POST', 'PATCH', 'DELETE'];

/** The paths that the API answers. */
const apiPaths = ['/v1/*', '/health/*', '/openapi.json'];

/** Nothing is cached, and everything handed on but the host: the API has a name of its own. */
export function apiBehaviors(
  responseHeadersPolicyId: string,
  hostFunctionArn: string,
): CfnDistribution.CacheBehaviorProperty[] {
  return apiPaths.map((pathPattern) => ({
    pathPattern,
    targetOriginId: 'api',
    viewerProtocolPolicy: 'https-only',
    allowedMethods: everything,
    cachePolicyId: CachePolicy.CACHING_DISABLED.cachePolicyId,
    originRequestPolicyId: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.originRequestPolicyId,
    compress: true,
    responseHeadersPolicyId,
    functionAssociations: [{ eventType: 'viewer-request', functionArn: hostFunctionArn }],
  }));
}

export interface ObjectBehaviorProps {
  readonly stage: Stage;
  /** As `stowage.json` calls it. */
  readonly bucket: string;
  readonly cdn: NonNullable<BucketRules['cdn']>;
  readonly targetOriginId: string;
  readonly keyGroupId: string;
  readonly responseHeadersPolicyId: string;
  readonly pathFunctionArn: string;
}

/** A bucket's objects, for who has a signed address or cookie, cached as long as the bucket's rules say. */
export function objectBehavior(
  scope: Construct,
  props: ObjectBehaviorProps,
): CfnDistribution.CacheBehaviorProperty {
  const { stage, bucket, cdn, targetOriginId, keyGroupId, responseHeadersPolicyId, pathFunctionArn } = props;
  const cachePolicy = new CfnCachePolicy(scope, `${bucket}-cache`, {
    cachePolicyConfig: {
      name: `stowage-${stage.name}-${bucket}`,
      minTtl: 0,
      defaultTtl: cdn.cacheSeconds,
      maxTtl: cdn.cacheSeconds,
      parametersInCacheKeyAndForwardedToOrigin: {
        enableAcceptEncodingBrotli: true,
        enableAcceptEncodingGzip: true,
        headersConfig: { headerBehavior: 'whitelist', headers: [bucketHeader] },
        cookiesConfig: { cookieBehavior: 'none' },
        // The name that a file is to be saved under: S3 answers with it, so that it tells one answer from another.
        queryStringsConfig: {
          queryStringBehavior: 'whitelist',
          queryStrings: ['response-content-disposition'],
        },
      },
    },
  });
  return {
    pathPattern: `/o/${bucket}/*`,
    targetOriginId,
    viewerProtocolPolicy: 'https-only',
    allowedMethods: reading,
    cachedMethods: reading,
    cachePolicyId: cachePolicy.ref,
    compress: true,
    trustedKeyGroups: [keyGroupId],
    responseHeadersPolicyId,
    functionAssociations: [{ eventType: 'viewer-request', functionArn: pathFunctionArn }],
  };
}

/** All else is the console. */
export function consoleBehavior(
  targetOriginId: string,
  responseHeadersPolicyId: string,
  pathFunctionArn: string,
): CfnDistribution.DefaultCacheBehaviorProperty {
  return {
    targetOriginId,
    viewerProtocolPolicy: 'redirect-to-https',
    allowedMethods: reading,
    cachedMethods: reading,
    // As long as each file says: for ever, but for the pages themselves.
    cachePolicyId: CachePolicy.CACHING_OPTIMIZED.cachePolicyId,
    compress: true,
    responseHeadersPolicyId,
    functionAssociations: [{ eventType: 'viewer-request', functionArn: pathFunctionArn }],
  };
}
