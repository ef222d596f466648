import { on, put, rewrite, type TemplateFault } from './fault.ts';

const bucket = 'AWS::S3::Bucket';
const policy = 'AWS::S3::BucketPolicy';
const media = /^Bucketsmedia/;
const privacy = 'buckets block public access';
const noAccessLists = 'buckets know no access lists';
const encryption = 'buckets are encrypted, and ask for a data key once';
const tidy = 'uploads that nobody finished are dropped within a week';
const eavesdroppers = 'plain HTTP and old TLS are refused';
const strangers = 'strangers get nothing';

export const bucketFaults: readonly TemplateFault[] = [
  {
    name: 'a bucket blocks no public access',
    caughtBy: privacy,
    spoil: put(bucket, 'PublicAccessBlockConfiguration', undefined),
  },
  {
    name: 'a bucket obeys a public policy',
    caughtBy: privacy,
    spoil: put(bucket, 'PublicAccessBlockConfiguration.RestrictPublicBuckets', false),
  },
  {
    name: 'a bucket is readable by everybody',
    caughtBy: noAccessLists,
    spoil: put(bucket, 'AccessControl', 'PublicRead'),
  },
  {
    name: 'who writes an object owns it',
    caughtBy: noAccessLists,
    spoil: put(bucket, 'OwnershipControls.Rules.0.ObjectOwnership', 'ObjectWriter'),
  },
  {
    name: 'a bucket has no encryption of its own',
    caughtBy: encryption,
    spoil: put(bucket, 'BucketEncryption', undefined),
  },
  {
    name: 'every object asks KMS for a key of its own',
    caughtBy: encryption,
    spoil: put(bucket, 'BucketEncryption.ServerSideEncryptionConfiguration.0.BucketKeyEnabled', false, media),
  },
  {
    name: 'the parts of unfinished uploads stay for ever',
    caughtBy: tidy,
    spoil: put(bucket, 'LifecycleConfiguration.Rules.0.AbortIncompleteMultipartUpload', undefined),
  },
  {
    name: 'the rule for unfinished uploads is switched off',
    caughtBy: tidy,
    spoil: put(bucket, 'LifecycleConfiguration.Rules.0.Status', 'Disabled', media),
  },
  {
    name: 'the rule for unfinished uploads is for one prefix',
    caughtBy: tidy,
    spoil: put(bucket, 'LifecycleConfiguration.Rules.0.Prefix', 'tmp/', media),
  },
  {
    name: 'old versions are kept for ever',
    caughtBy: 'old versions do not pile up',
    spoil: put(bucket, 'LifecycleConfiguration.Rules.1.NoncurrentVersionExpiration', undefined, media),
  },
  {
    name: 'nobody knows who read an object',
    caughtBy: 'accesses to objects are logged',
    spoil: put(bucket, 'LoggingConfiguration', undefined, media),
  },
  {
    name: 'a bucket sends no events',
    caughtBy: 'a bucket of objects tells EventBridge of them',
    spoil: put(bucket, 'NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', false, media),
  },
  {
    name: 'a page of any origin may talk to a bucket',
    caughtBy: 'pages of every origin are let in nowhere',
    spoil: put(bucket, 'CorsConfiguration.CorsRules.0.AllowedOrigins', ['*'], media),
  },
  {
    name: 'a page of any origin may call the API',
    caughtBy: 'pages of every origin are let in nowhere',
    spoil: put('AWS::ApiGatewayV2::Api', 'CorsConfiguration', {
      AllowOrigins: ['https://*'],
      AllowCredentials: true,
    }),
  },
  {
    name: 'a bucket exposes headers by a wildcard',
    caughtBy: 'S3 is asked to expose only headers that it can name',
    spoil: put(bucket, 'CorsConfiguration.CorsRules.0.ExposedHeaders', ['x-amz-*'], media),
  },
  {
    name: 'a bucket answers over plain HTTP',
    caughtBy: eavesdroppers,
    spoil: rewrite(policy, '"aws:SecureTransport":"false"', '"aws:SecureTransport":"true"'),
  },
  {
    name: 'a bucket answers over TLS 1.1',
    caughtBy: eavesdroppers,
    spoil: rewrite(policy, '"s3:TlsVersion":1.2', '"s3:TlsVersion":1.1'),
  },
  {
    name: 'plain HTTP is refused for the bucket, and not for its objects',
    caughtBy: eavesdroppers,
    spoil: on(policy, (properties) => {
      const text = JSON.stringify(properties['PolicyDocument']);
      properties['PolicyDocument'] = JSON.parse(text.replaceAll('"/*"', '"/none/*"'));
    }),
  },
  {
    name: 'everybody may read the objects of a bucket',
    caughtBy: strangers,
    spoil: allow({ Principal: '*', Action: 's3:GetObject' }),
  },
  {
    name: 'another account may write to a bucket',
    caughtBy: strangers,
    spoil: allow({ Principal: { AWS: 'arn:aws:iam::999999999999:root' }, Action: 's3:PutObject' }),
  },
  {
    name: 'CloudFront may read a bucket for every distribution of the world',
    caughtBy: strangers,
    spoil: allow({ Principal: { Service: 'cloudfront.amazonaws.com' }, Action: 's3:GetObject' }),
  },
  {
    name: 'S3 may write the access logs of other accounts',
    caughtBy: 'a service is let in only on behalf of this account',
    spoil: on(
      policy,
      (properties) => {
        const text = JSON.stringify(properties['PolicyDocument']);
        properties['PolicyDocument'] = JSON.parse(
          text.replaceAll(/"Condition":\{"ArnEquals":.*?"aws:SourceAccount":\{.*?\}\}\},?/g, ''),
        );
      },
      /^AccessLogs/,
    ),
  },
];

/** Adds a statement to the policy of a bucket of objects. */
function allow(statement: object): TemplateFault['spoil'] {
  return on(
    policy,
    (properties) => {
      const document = Object(properties['PolicyDocument']);
      const [deny] = document.Statement;
      document.Statement.push({ Effect: 'Allow', Resource: deny.Resource, ...statement });
    },
    media,
  );
}
