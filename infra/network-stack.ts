import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Network, type NetworkProps } from './network/network.ts';
import { StageStack } from './stage-stack.ts';

/** The network in which the functions run, for a stage that has one. */
export class NetworkStack extends StageStack {
  readonly network: Network;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id, { stage: props.stage, description: 'a network without a way to the internet' });
    this.network = new Network(this, 'Default', props);
    new CfnOutput(this, 'VpcId', { description: 'The network', value: this.network.vpcId });
  }
}
