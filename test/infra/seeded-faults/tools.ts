import { idOf, put, rewrite, type TemplateFault } from './fault.ts';

const bucket = 'AWS::S3::Bucket';
const media = /^Bucketsmedia/;

/** Faults that those tools are there for which others have written. */
export const toolFaults: readonly TemplateFault[] = [
  {
    name: 'a property is misspelt',
    caughtBy: 'cloudformation-validate',
    spoil: put(bucket, 'VersioningConfigurations', { Status: 'Enabled' }),
  },
  {
    name: 'a number is a word',
    caughtBy: 'cloudformation-validate',
    spoil: put('AWS::Lambda::Function', 'Timeout', 'soon'),
  },
  {
    name: 'a switch is neither on nor off',
    caughtBy: 'cloudformation-validate',
    spoil: put(bucket, 'VersioningConfiguration.Status', 'On', media),
  },
  {
    name: 'a reference leads nowhere',
    caughtBy: 'cloudformation-validate',
    spoil: put('AWS::Lambda::Function', 'Role', { Ref: 'NoSuchRole' }),
  },
  {
    name: 'two resources wait for each other',
    caughtBy: 'cloudformation-validate',
    spoil: (cloud) =>
      put('AWS::IAM::Role', 'Description', { Ref: idOf(cloud, 'AWS::Lambda::Function') })(cloud),
  },
  {
    name: 'a required property is missing',
    caughtBy: 'cfn-lint',
    spoil: put('AWS::ApiGatewayV2::Integration', 'IntegrationType', undefined),
  },
  {
    name: 'an attribute is asked for that a resource does not have',
    caughtBy: 'cfn-lint',
    spoil: rewrite('AWS::Lambda::Function', '"Arn"', '"Arm"'),
  },
  {
    name: 'logs are to be kept for a time that CloudWatch does not know',
    caughtBy: 'cfn-lint',
    spoil: put('AWS::Logs::LogGroup', 'RetentionInDays', 100),
  },
  {
    name: 'a memory is smaller than Lambda has it',
    caughtBy: 'cfn-lint',
    spoil: put('AWS::Lambda::Function', 'MemorySize', 64),
  },
  {
    name: 'a bucket can be made public',
    caughtBy: 'cfn-guard',
    spoil: put(bucket, 'PublicAccessBlockConfiguration.BlockPublicPolicy', false, media),
  },
  {
    name: 'a bucket takes access lists',
    caughtBy: 'cfn-guard',
    spoil: put(bucket, 'AccessControl', 'LogDeliveryWrite', media),
  },
  {
    name: 'a bucket of objects has a key of S3',
    caughtBy: 'cfn-guard',
    spoil: put(
      bucket,
      'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault',
      { SSEAlgorithm: 'AES256' },
      media,
    ),
  },
  {
    name: 'visitors may come over plain HTTP',
    caughtBy: 'cfn-guard',
    spoil: put(
      'AWS::CloudFront::Distribution',
      'DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy',
      'allow-all',
    ),
  },
  {
    name: 'a network lets in everybody on every port',
    caughtBy: 'cdk-nag',
    spoil: put('AWS::EC2::SecurityGroup', 'SecurityGroupIngress', [
      { IpProtocol: '-1', CidrIp: '0.0.0.0/0' },
    ]),
  },
  {
    name: 'a key does not rotate',
    caughtBy: 'cdk-nag',
    spoil: put('AWS::KMS::Key', 'EnableKeyRotation', false),
  },
  {
    name: 'a bucket keeps no access log',
    caughtBy: 'cdk-nag',
    spoil: put(bucket, 'LoggingConfiguration', undefined, media),
  },
  {
    name: 'a role may do everything with S3',
    caughtBy: 'cdk-nag',
    spoil: rewrite('AWS::IAM::Policy', '"s3:GetObject"', '"s3:*"', /^ApiRole/),
  },
  {
    name: 'a function runs on a Node of yesterday',
    caughtBy: 'cdk-nag',
    spoil: put('AWS::Lambda::Function', 'Runtime', 'nodejs18.x'),
  },
];
