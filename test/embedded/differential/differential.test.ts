import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCeph, startCephGateway } from '../../support/ceph/gateway.ts';
import type { S3Target } from '../acceptance/target.ts';
import { startStore } from '../server.ts';
import { allowanceFor } from './allowances.ts';
import { operation, type Operation } from './operations.ts';
import { storeUnderTest } from './store-under-test.ts';

const seed = 20_261_125;
const numRuns = process.env['CI'] === 'true' ? 60 : 5;

describe.runIf(hasCeph())(`${numRuns} sequences of operations, of seed ${seed}`, { timeout: 900_000 }, () => {
  let ours: S3Target;
  let ceph: S3Target;
  beforeAll(async () => {
    [ours, ceph] = await Promise.all([startStore(), startCephGateway()]);
  });
  afterAll(() => Promise.all([ours.stop(), ceph.stop()]));

  const allowed = new Map<string, number>();

  /** @returns whether the two are still in the same state */
  async function compare(
    operation: Operation,
    store: Awaited<ReturnType<typeof storeUnderTest>>,
    reference: typeof store,
  ): Promise<boolean> {
    const [answer, expected] = await Promise.all([store.perform(operation), reference.perform(operation)]);
    if (isDeepStrictEqual(answer, expected)) return true;
    const allowance = allowanceFor({ operation, ours: answer, ceph: expected });
    if (!allowance)
      expect(answer, `${JSON.stringify(operation)} on the store, and on Ceph`).toEqual(expected);
    const name = allowance?.name ?? '';
    allowed.set(name, (allowed.get(name) ?? 0) + 1);
    return (answer['code'] === undefined) === (expected['code'] === undefined);
  }

  test('have the same answers from the embedded store and from Ceph, but for what is explained', async () => {
    const sequence = fc.array(operation, { minLength: 20, maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(sequence, async (operations) => {
        const [store, reference] = await Promise.all([storeUnderTest(ours), storeUnderTest(ceph)]);
        for (const each of operations) {
          // What one has done and the other has not makes all that follows another story.
          if (!(await compare(each, store, reference))) break;
        }
        store.close();
        reference.close();
      }),
      { seed, numRuns },
    );
    process.stdout.write(
      `Differences that were allowed, and how often: ${JSON.stringify(Object.fromEntries(allowed), null, 2)}\n`,
    );
  });
});
