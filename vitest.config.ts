import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Most of what a command takes is to read its own code, and the tests start hundreds: they inherit where it is kept.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // On two cores the runner would take one worker, and most tests wait for a disk, a socket or a browser.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
