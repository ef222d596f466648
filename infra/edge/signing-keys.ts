import { CfnKeyGroup, CfnPublicKey } from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import type { Generations, Stage } from '../stages.ts';

export interface SigningKeysProps {
  readonly stage: Stage;
  readonly generations: Generations;
}

/** Where a public key stands, in PEM, before CloudFront is told of it: a parameter of Systems Manager. */
export function publicKeyParameter(stage: Stage, generation: number): string {
  return `/stowage/${stage.name}/signing-key/${generation}`;
}

/**
 * By whose signature an address opens: a key for each generation that is in use. A public key of CloudFront cannot be
 * altered, so each generation is one of its own.
 */
export class SigningKeys extends Construct {
  readonly groupId: string;

  constructor(scope: Construct, id: string, { stage, generations }: SigningKeysProps) {
    super(scope, id);
    const keys = generations.flatMap((generation) =>
      generation === undefined ? [] : [this.key(stage, generation)],
    );
    const group = new CfnKeyGroup(this, 'Group', {
      keyGroupConfig: { name: `stowage-${stage.name}`, items: keys.map((key) => key.ref) },
    });
    this.groupId = group.ref;
  }

  private key(stage: Stage, generation: number): CfnPublicKey {
    const name = `stowage-${stage.name}-${generation}`;
    return new CfnPublicKey(this, `Key${generation}`, {
      publicKeyConfig: {
        name,
        callerReference: name,
        encodedKey: `{{resolve:ssm:${publicKeyParameter(stage, generation)}}}`,
      },
    });
  }
}
