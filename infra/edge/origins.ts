import { Aws, SecretValue, type Stack } from 'aws-cdk-lib';
import { CfnOriginAccessControl, type CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { originHeader } from '../../lib/config/origin-header.ts';
import type { Service } from '../api/service.ts';
import { secretArnIn } from '../data/generated-secret.ts';
import type { StoredData } from '../data/stored-data.ts';
import { replicaBucketName } from '../names.ts';
import type { Stage } from '../stages.ts';
import { homeValue } from './home-value.ts';

/** How CloudFront shows itself to buckets: by a signature of its own for each request. */
export function originAccessControl(scope: Construct, stage: Stage): string {
  const { ref } = new CfnOriginAccessControl(scope, 'AccessControl', {
    originAccessControlConfig: {
      name: `stowage-${stage.name}`,
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    },
  });
  return ref;
}

export function apiOrigin(
  stack: Stack,
  home: Stack,
  { host, basePath }: Service['frontDoor'],
  [secret]: StoredData['originSecrets'],
): CfnDistribution.OriginProperty {
  if (!secret) throw new TypeError('A stage with an edge has an origin secret.');
  const secretArn = homeValue(stack, home, 'OriginSecretArn', secret.arn);
  const localArn = stack.region === home.region ? secretArn : secretArnIn(stack.region, secretArn);
  return {
    id: 'api',
    domainName: homeValue(stack, home, 'ApiHost', host),
    ...(basePath !== '' && { originPath: basePath }),
    customOriginConfig: {
      originProtocolPolicy: 'https-only',
      originSslProtocols: ['TLSv1.2'],
      originReadTimeout: 30,
      // The API's connections are kept as long as CloudFront can.
      originKeepaliveTimeout: 60,
    },
    originCustomHeaders: [
      // CloudFormation fetches it when it deploys: in the template stands where from.
      { headerName: originHeader, headerValue: SecretValue.secretsManager(localArn).unsafeUnwrap() },
    ],
  };
}

/** @param domainName - of the bucket in its region */
export function bucketOrigin(
  id: string,
  domainName: string,
  originAccessControlId: string,
): CfnDistribution.OriginProperty {
  return { id, domainName, originAccessControlId, s3OriginConfig: { originAccessIdentity: '' } };
}

/** Of a bucket's copy, in the recovery region. */
export function replicaDomainName(stage: Stage, bucket: string, region: string): string {
  return `${replicaBucketName(stage, bucket)}.s3.${region}.${Aws.URL_SUFFIX}`;
}
