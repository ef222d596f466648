import { Aws, CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import { letCloudFrontFetch } from '../data/cloud-front-access.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Stage } from '../stages.ts';

export interface ConsoleBucketProps {
  readonly stage: Stage;
  readonly config: Config;
}

/**
 * The built console, and the function that puts it there whenever it has changed. It is one of ours with one right, and
 * not CDK's deployment of buckets, whose function may list, read, write and delete.
 */
export class ConsoleBucket extends Construct {
  readonly domainName: string;

  constructor(scope: Construct, id: string, { stage, config }: ConsoleBucketProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          id: 'old-versions',
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      // It holds nothing that a build does not give again, but CloudFormation deletes no bucket that is not empty.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    letCloudFrontFetch(bucket);
    this.domainName = bucket.bucketRegionalDomainName;

    const publisher = new ServiceFunction(this, 'Publisher', {
      entry: 'publish-console',
      withConsole: true,
      description: 'Puts the console where CloudFront finds it',
      stage,
      config,
      memoryMegabytes: 256,
      timeout: Duration.minutes(1),
    });
    publisher.connect({
      name: 'STOWAGE_CONSOLE_BUCKET',
      value: bucket.bucketName,
      grants: [new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*')] })],
    });
    const published = new CustomResource(this, 'Published', {
      resourceType: 'Custom::StowageConsole',
      serviceToken: publisher.functionArn,
      // Another version of the function holds another console, and is asked again.
      properties: { Version: publisher.currentVersion.version, Region: Aws.REGION },
    });
    if (publisher.role) published.node.addDependency(publisher.role);
  }
}
