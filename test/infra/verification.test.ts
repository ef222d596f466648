import { describe, expect, test } from 'vitest';
import { unacknowledged } from './verification/acknowledgements.ts';
import { checks } from './verification/checks.ts';
import { stageNames, synthesizeCloud } from './verification/cloud.ts';

/** Every resource of every stack, whatever it is called: `npm run verify` has the slower rest, and the seeded faults. */
describe.each(stageNames)('%s', (stage) => {
  const cloud = synthesizeCloud(stage);

  test.each(Object.entries(checks))('%s', async (_, check) => {
    expect(unacknowledged(await check(cloud))).toEqual([]);
  });
});
