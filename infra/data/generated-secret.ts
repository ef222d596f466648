import { Fn, RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface GeneratedSecretProps {
  readonly description: string;
  readonly encryptionKey: Key;
  /** Letters and digits to draw. CloudFormation draws anew, and the old secret is gone, when this changes. */
  readonly length: number;
  /** The secret is a JSON object that holds the text under this name. Default: it is the text itself. */
  readonly jsonField?: string;
  /** Regions that get a copy of it. Default: none. */
  readonly replicas?: readonly SecretReplica[];
}

export interface SecretReplica {
  readonly region: string;
  /** Default: the key that AWS has for secrets in that region. */
  readonly keyArn?: string;
}

/**
 * A secret that AWS makes up, so that it stands in no template, and keeps when its stack goes. The resource itself
 * rather than CDK's `Secret`, which would open the key to everybody in the account who comes by Secrets Manager.
 */
export class GeneratedSecret extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: GeneratedSecretProps) {
    const { description, encryptionKey, length, jsonField, replicas = [] } = props;
    super(scope, id);
    const secret = new CfnSecret(this, 'Resource', {
      description,
      kmsKeyId: encryptionKey.keyArn,
      generateSecretString: {
        passwordLength: length,
        excludePunctuation: true,
        ...(jsonField !== undefined && { secretStringTemplate: '{}', generateStringKey: jsonField }),
      },
      ...(replicas.length > 0 && {
        replicaRegions: replicas.map(({ region, keyArn }) => ({
          region,
          ...(keyArn !== undefined && { kmsKeyId: keyArn }),
        })),
      }),
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.arn = secret.ref;
  }
}

/** The ARN of a secret's copy in another region: the same but for the region. */
export function secretArnIn(region: string, arn: string): string {
  const part = (index: number) => Fn.select(index, Fn.split(':', arn));
  return Fn.join(':', ['arn', part(1), 'secretsmanager', region, part(4), 'secret', part(6)]);
}
