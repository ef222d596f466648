import type { Config } from '../lib/config/schema.ts';
import type { Stage } from './stages.ts';

/**
 * What only a deployment would find, or nothing at all.
 *
 * @throws RangeError with every fault
 */
export function checkStage(stage: Stage, { access }: Config): void {
  const { region, edge, replica, network, mutualTls, canary, runTimeFlags } = stage;
  const faults = [
    edge && region === undefined && 'CloudFront has to know the region of what lies behind it: set "region".',
    replica && region === undefined && 'A copy in another region wants to know this one: set "region".',
    replica && replica.region === region && 'The copy has to be in another region.',
    runTimeFlags && !canary && 'An alarm of the canary takes back flags that do harm: set "canary".',
    network &&
      access.issuers.length > 0 &&
      'A network without a way to the internet keeps the keys of OIDC issuers out of reach.',
    mutualTls &&
      edge?.domain?.name === mutualTls.domain.name &&
      'CloudFront and mutual TLS want a domain each.',
  ].filter((fault) => typeof fault === 'string');
  if (faults.length > 0) {
    throw new RangeError([`The stage "${stage.name}" can't be deployed:`, ...faults].join('\n  '));
  }
}
