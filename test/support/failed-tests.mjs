// Prints a line for each failed test of the runner's JSON report: node test/support/failed-tests.mjs REPORT
import { readFileSync } from 'node:fs';

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const file of testResults) {
  const name = file.name.replace(`${process.cwd()}/`, '');
  const tests = file.assertionResults.filter(({ status }) => status === 'failed');
  for (const test of tests)
    console.log(`${name} > ${test.fullName}: ${oneLine(test.failureMessages.join(' '))}`);
  if (file.status === 'failed' && tests.length === 0) console.log(`${name}: ${oneLine(file.message)}`);
}

function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ').slice(0, 600);
}
