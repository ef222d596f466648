import type { AwsRequest, NeededPermission } from './aws-request.ts';
import type { Place } from './json-permissions.ts';

/** The permissions that CloudFront's API asks for. @throws Error for an operation that is not known here */
export function cloudFrontPermissions({ method, path }: AwsRequest, { account }: Place): NeededPermission[] {
  const [, distribution] = /^\/2020-05-31\/distribution\/([^/]+)\/invalidation$/.exec(path) ?? [];
  if (method === 'POST' && distribution !== undefined) {
    const resource = `arn:aws:cloudfront::${account}:distribution/${distribution}`;
    return [{ action: 'cloudfront:CreateInvalidation', resource }];
  }
  throw new Error(`Which permission does ${method} ${path} of CloudFront need?`);
}
