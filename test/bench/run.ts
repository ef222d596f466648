import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { type Bench, type Result, runBench } from './harness.ts';

/**
 * `npm run bench [-- NAME…]`: runs every `*.bench.ts` beside this file (or those whose file name holds a NAME), prints
 * a table, and exits with 1 when a bar is missed.
 */

const wanted = process.argv.slice(2);
const files = globSync('*.bench.ts', { cwd: import.meta.dirname })
  .filter((file) => wanted.length === 0 || wanted.some((name) => basename(file, '.bench.ts').includes(name)))
  .toSorted();
if (files.length === 0) throw new Error(`no bench is named ${wanted.join(', ')}`);

const results: Result[] = [];
for (const file of files) {
  const module: { benches: readonly Bench[] } = await import(`./${file}`);
  for (const bench of module.benches) {
    process.stderr.write(`${bench.name} …\n`);
    results.push(await runBench(bench));
  }
}

printTable([
  ['bench', 'ours', 'reference', 'unit', 'score', 'bar', ''],
  ...results.map(({ bench, ours, reference, score, met }) => [
    bench.name,
    ours.toPrecision(3),
    `${reference.toPrecision(3)} (${bench.reference})`,
    bench.unit,
    'timesFaster' in bench.bar ? `${score.toFixed(1)} ×` : `+ ${score.toFixed(1)}`,
    'timesFaster' in bench.bar ? `≥ ${bench.bar.timesFaster} ×` : `≤ + ${bench.bar.atMostMore}`,
    met ? 'ok' : 'MISSED',
  ]),
]);
if (results.some(({ met }) => !met)) process.exitCode = 1;

function printTable(rows: readonly (readonly string[])[]): void {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widthOf(column))).join('  '));
}
