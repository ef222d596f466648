import { acknowledgements, covers, superfluous, unacknowledged } from './verification/acknowledgements.ts';
import { everyFinding } from './verification/checks.ts';
import { stageNames, synthesizeCloud } from './verification/cloud.ts';
import { tools } from './verification/tools/all.ts';

/**
 * All stages against everything that finds faults in templates: our own checks, cdk-nag, cfn-guard, cfn-lint and
 * cloudformation-validate. `npm run verify`
 */

/** Whoever acknowledges something more says so here, too. */
const acknowledged = 35;

const clouds = stageNames.map((stage) => synthesizeCloud(stage));
const findings = (await Promise.all(clouds.map(everyFinding))).flat();
report('our own checks', findings.length);
for (const [name, tool] of Object.entries(tools)) {
  const found = (await tool(clouds)).flat();
  findings.push(...found);
  report(name, found.length);
}

const faults = [
  ...unacknowledged(findings).map(({ rule, at, message }) => `${at}: ${rule}: ${message}`),
  ...superfluous(findings).map(({ rule, at }) => `Nothing finds ${rule} at ${at} any more: take it out.`),
];
if (acknowledgements.length !== acknowledged) {
  faults.push(`There are ${acknowledgements.length} acknowledgements, and not ${acknowledged}.`);
}

print(`\n${acknowledgements.length} acknowledgements:`);
for (const one of acknowledgements) {
  const count = findings.filter((finding) => covers(one, finding)).length;
  print(`${String(count).padStart(4)} × ${one.rule.source}\n       ${one.reason}`);
}
print(`\n${faults.length === 0 ? 'Nothing else was found.' : faults.join('\n')}`);
process.exitCode = faults.length === 0 ? 0 : 1;

function report(name: string, count: number): void {
  print(`${name}: ${count} findings in ${clouds.length} stages`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
