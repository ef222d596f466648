import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

/** Those who may put a message on the topic. */
const publishers = ['cloudwatch', 'budgets'];

/** Whoever is to be told. Encrypted with a key of its own, since alarms may not use the one that AWS has for topics. */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { stage, address }: { stage: Stage; address: string }) {
    const key = new Key(scope, `${id}Key`, {
      description: `Alarms of Stowage ${stage.name} on their way`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, { displayName: `Stowage ${stage.name}`, masterKey: key, enforceSSL: true });
    const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
    for (const service of publishers) {
      const principals = [new ServicePrincipal(`${service}.amazonaws.com`)];
      key.addToResourcePolicy(
        new PolicyStatement({
          principals,
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          // In a key's policy: this key.
          resources: ['*'],
          conditions,
        }),
      );
      this.addToResourcePolicy(
        new PolicyStatement({ principals, actions: ['sns:Publish'], resources: [this.topicArn], conditions }),
      );
    }
    this.addSubscription(new EmailSubscription(address));
  }
}
