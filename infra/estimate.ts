import { parseArgs } from 'node:util';
import { loadConfig } from '../lib/config/load.ts';
import { type Estimate, estimate } from './cost/estimate.ts';
import { assumptions, type Load, usualLoad } from './cost/load.ts';
import type { Cost } from './cost/standing-costs.ts';
import { stageNamed } from './stages.ts';

/**
 * What a month of a stage would cost: `npm run estimate -- STAGE [--apiRequests N] [--uploads N] [--downloads N]
 * [--storedGigabytes N] [--downloadedGigabytes N]`. It asks nobody: the prices stand in `cost/prices.ts`.
 */

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    apiRequests: { type: 'string' },
    uploads: { type: 'string' },
    downloads: { type: 'string' },
    storedGigabytes: { type: 'string' },
    downloadedGigabytes: { type: 'string' },
  },
});
const stage = stageNamed(positionals[0] ?? 'dev');
const load: Load = { ...usualLoad, ...given(values) };
const config = loadConfig(process.env['STOWAGE_CONFIG'] ?? 'stowage.json');
process.stdout.write(report(stage.name, load, estimate(stage, config, load)));

/** @throws RangeError for what is no number */
function given(options: Readonly<Partial<Record<keyof Load, string>>>): Partial<Load> {
  return Object.fromEntries(
    Object.entries(options).map(([name, text]) => {
      const number = Number(text);
      if (!Number.isFinite(number) || number < 0) throw new RangeError(`--${name} must be a number.`);
      return [name, number];
    }),
  );
}

function report(name: string, carried: Load, { standing, byLoad, totalDollars }: Estimate): string {
  const lines = [
    `A month of the stage "${name}", in dollars`,
    '',
    'For being there',
    ...standing.map(costLine),
    'For the load',
    ...byLoad.map(costLine),
    '',
    costLine({ what: 'altogether', dollars: totalDollars }),
    '',
    'The load, in a month (an option of its name changes it)',
    ...Object.entries(carried).map(figureLine),
    'Assumptions',
    ...Object.entries(assumptions).map(figureLine),
    '  List prices of us-east-1 in November 2026, without free tiers and taxes. A hosted zone and CloudTrail are not in it.',
  ];
  return `${lines.join('\n')}\n`;
}

function costLine({ what, dollars }: Cost): string {
  return `  ${what.padEnd(32)}${dollars.toFixed(2).padStart(10)}`;
}

function figureLine([name, value]: [string, number]): string {
  return `  ${name.padEnd(32)}${value.toLocaleString('en-US').padStart(10)}`;
}
