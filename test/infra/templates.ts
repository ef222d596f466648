import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { addStacks } from '../../infra/app.ts';
import { entriesWithCode } from '../../infra/lambda/entries.ts';
import { type Stage, stageNamed } from '../../infra/stages.ts';
import { parseConfig } from '../../lib/config/load.ts';

/** The part of a CloudFormation template that the tests read. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  /** Absent where there are none. */
  readonly Outputs?: Readonly<Record<string, Output>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Properties {
  readonly [name: string]: unknown;
  readonly PolicyDocument?: PolicyDocument;
  readonly KeyPolicy?: PolicyDocument;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: string };
}

interface Synthesis {
  readonly data: Template;
  readonly api: Template;
  /** Every stack of the stage, by what comes last in its name: `Data`, `Edge`. */
  readonly stacks: Readonly<Record<string, Template>>;
  /** Whether CloudFormation refuses to delete them: of the data stack, of the API stack. */
  readonly terminationProtection: readonly [data: boolean, api: boolean];
}

/** One bucket that uses every setting, and one that uses none. */
export const richConfig = {
  buckets: {
    media: {
      versioning: true,
      abandonedUploadDays: 2,
      cdn: {},
      inspect: ['malware'],
      lifecycle: [
        { prefix: 'tmp/', expireAfterDays: 1 },
        { transitionAfterDays: 30, storageClass: 'INTELLIGENT_TIERING' },
      ],
    },
    plain: {},
  },
  access: { corsOrigins: ['https://app.example.com'] },
};

/** All that a stage can have. */
export const everything = new Set([
  'api',
  'object-events',
  'webhook-delivery',
  'maintenance',
  'rotate-secret',
  'publish-console',
  'make-cdn-key',
  'cdn-invalidation',
]);

/**
 * The stacks of a stage, made as `cdk synth` makes them, but for the bundles and for the validation against the rules
 * of CloudFormation, which takes seconds to start: the test of `cdk synth` has both.
 */
export function synthesize(
  stage: string | Stage = 'dev',
  config: unknown = richConfig,
  entries: ReadonlySet<string> = entriesWithCode(),
): Synthesis {
  const app = new App({ context: testContext, builtinCloudFormationValidation: false });
  const named = typeof stage === 'string' ? stageNamed(stage) : stage;
  const stacks = addStacks(app, named, parseConfig(config), entries);
  const assembly = app.synth();
  const data = assembly.getStackArtifact(stacks.data.artifactId);
  const api = assembly.getStackArtifact(stacks.api.artifactId);
  return {
    data: data.template,
    api: api.template,
    stacks: Object.fromEntries(
      assembly.stacks.map(({ stackName, template }) => [stackName.replace(/^.*-/, ''), template]),
    ),
    terminationProtection: [data.terminationProtection ?? false, api.terminationProtection ?? false],
  };
}

/** The switches of `cdk.json`, and no bundling. */
export const testContext = { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] };

/** The resources of a type, by their logical ids. */
export function resourcesOfType(template: Template, type: string): [id: string, resource: Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** @throws when there is not exactly one */
export function onlyResource(template: Template, type: string): Resource {
  const found = resourcesOfType(template, type);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`There are ${found.length} resources of type ${type}.`);
  return first[1];
}

/** The function of a file in `functions/`. @throws when there is none */
export function functionOf(template: Template, entry: string): Resource {
  const found = resourcesOfType(template, 'AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties['Handler'] === `${entry}.handler`,
  );
  if (!found) throw new Error(`There is no function ${entry}.`);
  return found[1];
}
