import type { Check } from '../finding.ts';
import { accessInvariants } from './access.ts';
import { bucketInvariants } from './buckets.ts';
import { unheardCallers } from './callers.ts';
import { dataInvariants } from './data.ts';
import { eventInvariants } from './events.ts';
import { frontDoorInvariants } from './front-door.ts';
import { functionInvariants } from './functions.ts';
import { secretInvariants } from './secrets.ts';

/** All that holds for every stage, as checks by the sentences that they hold us to. */
export const invariants: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.entries({
    ...dataInvariants,
    ...bucketInvariants,
    ...accessInvariants,
    ...secretInvariants,
    ...functionInvariants,
    ...frontDoorInvariants,
    ...eventInvariants,
    'whoever is wired to call may call': unheardCallers,
  }).map(([rule, invariant]): [string, Check] => [
    rule,
    async (cloud) => (await invariant(cloud)).map((complaint) => ({ rule, ...complaint })),
  ]),
);
