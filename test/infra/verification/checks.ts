import type { Cloud } from './cloud.ts';
import type { Check, Finding } from './finding.ts';
import { iamChecks } from './iam/all.ts';
import { invariants } from './invariants/all.ts';
import { keepsLogicalIds } from './logical-ids.ts';

/** What is checked by the verification itself, by the sentences that it holds the CDK app to. */
export const checks: Readonly<Record<string, Check>> = {
  'what holds data keeps its logical id': keepsLogicalIds,
  ...invariants,
  ...iamChecks,
};

/** What all of them find. */
export async function everyFinding(cloud: Cloud): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of Object.values(checks)) findings.push(...(await check(cloud)));
  return findings;
}
