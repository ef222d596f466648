import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Most of what a command takes is to read its own code, and the tests start hundreds: they inherit where it is kept.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node');

/** Under `CI=true` these take minutes each. */
const long = [
  'test/events/chaos/',
  'test/embedded/crash/',
  'test/contract/records-dynamodb',
  'test/console/',
];

/** On a fresh clone nothing is known of how long a file takes, and one that starts last would be waited for alone. */
class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => long.some((path) => moduleId.includes(path));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // On two cores the runner would take one worker, and most tests wait for a disk, a socket or a browser.
    maxWorkers: 2,
    sequence: { sequencer: LongOnesFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
