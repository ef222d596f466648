import { App } from 'aws-cdk-lib';
import { addStacks } from '../../../infra/app.ts';
import { stageNamed } from '../../../infra/stages.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import { richConfig, testContext } from '../templates.ts';

/** All that a stage deploys: every stack that the CDK app adds, whatever it is called. */
export interface Cloud {
  readonly stage: string;
  readonly stacks: readonly DeployedStack[];
}

export interface DeployedStack {
  /** `Stowage-prod-Data` */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly terminationProtection: boolean;
  readonly template: CloudTemplate;
}

export interface CloudTemplate {
  Resources: Record<string, CloudResource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
  Parameters?: Record<string, { Default?: unknown }>;
}

/** Not read-only: the seeded faults spoil copies. */
export interface CloudResource {
  Type: string;
  Properties?: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  DependsOn?: string | string[];
}

export const stageNames = ['dev', 'staging', 'prod'] as const;

/** Where a stack goes that leaves it to whoever deploys. */
const defaultRegion = 'eu-west-1';
const defaultAccount = '111122223333';

/** The part of `infra` that makes the stacks. */
export interface InfraCode {
  readonly addStacks: typeof addStacks;
  readonly stageNamed: typeof stageNamed;
}

/** Every stack of a stage, made as `cdk synth` makes it, but for the bundles. */
export function synthesizeCloud(
  stage: string,
  config: unknown = richConfig,
  infra: InfraCode = { addStacks, stageNamed },
): Cloud {
  const app = new App({ context: testContext, builtinCloudFormationValidation: false });
  infra.addStacks(app, infra.stageNamed(stage), parseConfig(config));
  const stacks = app.synth().stacks.map((artifact): DeployedStack => {
    const { account, region } = artifact.environment;
    const template: CloudTemplate = artifact.template;
    return {
      name: artifact.stackName,
      account: account.startsWith('unknown') ? defaultAccount : account,
      region: region.startsWith('unknown') ? defaultRegion : region,
      terminationProtection: artifact.terminationProtection ?? false,
      template,
    };
  });
  return { stage, stacks };
}

/** A resource, and where it stands. */
export interface Placed {
  readonly stack: DeployedStack;
  readonly id: string;
  readonly resource: CloudResource;
}

/** All resources of the cloud; of one type, if it is named. */
export function resourcesOf({ stacks }: Cloud, ...types: readonly string[]): Placed[] {
  return stacks
    .flatMap((stack) =>
      Object.entries(stack.template.Resources).map(([id, resource]) => ({ stack, id, resource })),
    )
    .filter(({ resource }) => types.length === 0 || types.includes(resource.Type));
}
