import { CustomResource, Duration } from 'aws-cdk-lib';
import { CfnKeyGroup, CfnPublicKey } from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import type { GeneratedSecret } from '../data/generated-secret.ts';
import type { StoredData } from '../data/stored-data.ts';
import { keyMakingConnection } from '../lambda/connections.ts';
import { ServiceFunction } from '../lambda/service-function.ts';
import type { Stage } from '../stages.ts';

export interface CdnKeysProps {
  readonly stage: Stage;
  readonly config: Config;
  readonly data: StoredData;
}

/**
 * By whose signature an address opens at CloudFront: a key for each generation that is in use. A function makes each where
 * nobody sees it: the private half goes into the secret of its generation, the public half to CloudFront, where it cannot
 * be altered, so that each generation is a key of its own.
 */
export class CdnKeys extends Construct {
  readonly groupId: string;
  /** CloudFront's id of the key that signs. */
  readonly currentKeyPairId: string;

  constructor(scope: Construct, id: string, { stage, config, data }: CdnKeysProps) {
    super(scope, id);
    const maker = new ServiceFunction(this, 'Maker', {
      entry: 'make-cdn-key',
      description: 'Makes the keys that sign for CloudFront',
      stage,
      config,
      memoryMegabytes: 256,
      timeout: Duration.minutes(1),
    });
    maker.connect(keyMakingConnection([...data.cdnKeySecrets.values()], data.encryptionKey));
    const keys = [...data.cdnKeySecrets].map(([generation, secret]) =>
      this.publicKey(maker, stage, generation, secret),
    );
    const [current] = keys;
    if (!current) throw new TypeError('A stage with a CDN has a key for it.');
    this.currentKeyPairId = current.ref;
    const group = new CfnKeyGroup(this, 'Group', {
      keyGroupConfig: { name: `stowage-${stage.name}`, items: keys.map((key) => key.ref) },
    });
    this.groupId = group.ref;
  }

  private publicKey(
    maker: ServiceFunction,
    stage: Stage,
    generation: number,
    { arn }: GeneratedSecret,
  ): CfnPublicKey {
    const made = new CustomResource(this, `Made${generation}`, {
      resourceType: 'Custom::StowageCdnKey',
      serviceToken: maker.functionArn,
      properties: { SecretArn: arn },
    });
    if (maker.role) made.node.addDependency(maker.role);
    const name = `stowage-${stage.name}-${generation}`;
    return new CfnPublicKey(this, `Key${generation}`, {
      publicKeyConfig: { name, callerReference: name, encodedKey: made.getAttString('PublicKey') },
    });
  }
}
