import { App } from 'aws-cdk-lib';
import { loadConfig } from '../lib/config/load.ts';
import type { Config } from '../lib/config/schema.ts';
import { ApiStack } from './api-stack.ts';
import { DataStack } from './data-stack.ts';
import { type Stage, stageNamed } from './stages.ts';

/** The stacks of a stage, in the order in which they stand on each other. */
export function addStacks(app: App, stage: Stage, config: Config): { data: DataStack; api: ApiStack } {
  const data = new DataStack(app, `Stowage-${stage.name}-Data`, { stage, config });
  const api = new ApiStack(app, `Stowage-${stage.name}-Api`, { stage, config, data });
  return { data, api };
}

if (import.meta.main) {
  const app = new App();
  const name: unknown = app.node.tryGetContext('stage') ?? 'dev';
  addStacks(app, stageNamed(String(name)), loadConfig(process.env['STOWAGE_CONFIG'] ?? 'stowage.json'));
}
