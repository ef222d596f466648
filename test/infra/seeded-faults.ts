import { checks } from './verification/checks.ts';
import { type Cloud, synthesizeCloud } from './verification/cloud.ts';
import type { Finding } from './verification/finding.ts';
import { tools } from './verification/tools/all.ts';
import { bucketFaults } from './seeded-faults/buckets.ts';
import { codeFaults } from './seeded-faults/code.ts';
import { dataFaults } from './seeded-faults/data.ts';
import type { SeededFault } from './seeded-faults/fault.ts';
import { synthesizeFaulty } from './seeded-faults/faulty-code.ts';
import { roleFaults } from './seeded-faults/roles.ts';
import { toolFaults } from './seeded-faults/tools.ts';
import { wiringFaults } from './seeded-faults/wiring.ts';

/**
 * Makes every mistake of the lists once and sees that the check named for it notices: what a check finds now and did
 * not find before. Prints a table, and fails when a mistake stays unnoticed. `npm run verify`
 */

const stage = 'prod';
const templateFaults = [...dataFaults, ...bucketFaults, ...roleFaults, ...wiringFaults, ...toolFaults];

const sound = synthesizeCloud(stage);

interface Trial {
  readonly fault: SeededFault;
  readonly cloud: Cloud;
}

const caught = new Map<SeededFault, Finding>();

const trials: Trial[] = templateFaults.map((fault) => {
  const cloud = structuredClone(sound);
  fault.spoil(cloud);
  return { fault, cloud };
});
for (const fault of codeFaults) {
  try {
    trials.push({ fault, cloud: await synthesizeFaulty(fault, stage) });
  } catch (error) {
    if (fault.caughtBy !== 'cdk synth') throw error;
    caught.set(fault, { rule: String(error), at: 'cdk synth', message: '' });
  }
}

for (const [name, check] of Object.entries(checks)) {
  const before = await check(sound);
  for (const { fault, cloud } of trials.filter((trial) => trial.fault.caughtBy === name)) {
    note(fault, before, await check(cloud));
  }
}
for (const [name, tool] of Object.entries(tools)) {
  const tried = trials.filter(({ fault }) => fault.caughtBy === name);
  const [before = [], ...after] = await tool([sound, ...tried.map(({ cloud }) => spoiledStacksOf(cloud))]);
  for (const [index, { fault }] of tried.entries()) note(fault, before, after[index] ?? []);
}

const faults: readonly SeededFault[] = [...templateFaults, ...codeFaults];
for (const [index, fault] of faults.entries()) {
  const finding = caught.get(fault);
  const where = finding?.at.replace(`Stowage-${stage}-`, '') ?? 'NOT CAUGHT';
  print(`${String(index + 1).padStart(3)}  ${fault.name.padEnd(72)}  ${fault.caughtBy.padEnd(72)}  ${where}`);
}
print(`\n${caught.size} of ${faults.length} seeded faults caught.`);
process.exitCode = caught.size === faults.length ? 0 : 1;

/** Tools look at each template by itself, and take seconds for one: those that are as they were need no second look. */
function spoiledStacksOf(cloud: Cloud): Cloud {
  const known = new Set(sound.stacks.map((stack) => JSON.stringify(stack)));
  return { ...cloud, stacks: cloud.stacks.filter((stack) => !known.has(JSON.stringify(stack))) };
}

/** A fault is caught by what its check finds now and did not find before. */
function note(fault: SeededFault, before: readonly Finding[], after: readonly Finding[]): void {
  const known = new Set(before.map(identity));
  const finding = after.find((one) => !known.has(identity(one)));
  if (finding) caught.set(fault, finding);
}

function identity({ rule, at, message }: Finding): string {
  return `${rule} ${at} ${message}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
