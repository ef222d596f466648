import { App } from 'aws-cdk-lib';
import type { Config } from '../../lib/config/schema.ts';
import { addStacks } from '../app.ts';
import type { Stage } from '../stages.ts';
import type { Load } from './load.ts';
import { loadCosts } from './load-costs.ts';
import { type Cost, standingCosts } from './standing-costs.ts';

export interface Estimate {
  readonly standing: readonly Cost[];
  readonly byLoad: readonly Cost[];
  readonly totalDollars: number;
}

/** What a month of a stage costs under a load. What there is to pay for is read from the stacks as they are synthesized. */
export function estimate(stage: Stage, config: Config, load: Load): Estimate {
  const app = new App({
    // Without the code: what it costs does not depend on it.
    context: { 'aws:cdk:bundling-stacks': [] },
    builtinCloudFormationValidation: false,
  });
  addStacks(app, stage, config);
  const templates = app.synth().stacks.map(({ template }) => template);
  const standing = standingCosts(templates);
  const byLoad = loadCosts(templates, load);
  const totalDollars = [...standing, ...byLoad].reduce((total, { dollars }) => total + dollars, 0);
  return { standing, byLoad, totalDollars };
}
