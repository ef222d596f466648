import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Stage } from './stages.ts';

export interface StageStackProps {
  readonly stage: Stage;
  readonly description: string;
  /** Default: the home region of the stage. */
  readonly region?: string;
}

/** A stack of a stage: in its account, protected as it says, and labelled for the bill. */
export class StageStack extends Stack {
  constructor(scope: Construct, id: string, { stage, description, region = stage.region }: StageStackProps) {
    super(scope, id, {
      description: `Stowage ${stage.name}: ${description}`,
      terminationProtection: stage.terminationProtection,
      env: {
        ...(stage.account !== undefined && { account: stage.account }),
        ...(region !== undefined && { region }),
      },
      // CloudFormation passes them on to every resource.
      tags: { 'stowage:stage': stage.name, 'stowage:part': id.replace(/^.*-/, '').toLowerCase() },
    });
  }
}
