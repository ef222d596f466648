import { describe, expect, test } from 'vitest';
import { estimate } from '../../infra/cost/estimate.ts';
import { usualLoad } from '../../infra/cost/load.ts';
import { stageNamed } from '../../infra/stages.ts';
import { parseConfig } from '../../lib/config/load.ts';

const buckets = { media: { versioning: true, cdn: {} }, plain: {} };
const config = parseConfig({ buckets });
const idle = { apiRequests: 0, uploads: 0, downloads: 0, storedGigabytes: 0, downloadedGigabytes: 0 };
const dollarsOf = (stage: string, load = usualLoad) => estimate(stageNamed(stage), config, load).totalDollars;

describe('what a month costs', () => {
  test('with everything off it is a key and two secrets', () => {
    const { standing } = estimate(stageNamed('dev'), config, idle);
    expect(standing).toEqual([
      { what: 'encryption keys', dollars: 1 },
      { what: 'secrets, with their copies', dollars: 0.8 },
    ]);
    expect(dollarsOf('dev', idle)).toBe(1.8);
  });

  test('with more switched on it is more', () => {
    const [dev, staging, prod] = ['dev', 'staging', 'prod'].map((stage) => dollarsOf(stage, idle));
    expect(dev).toBeLessThan(Number(staging));
    expect(staging).toBeLessThan(Number(prod));
  });

  test('every switch of prod has its line', () => {
    const inspect = ['malware'];
    const scanned = parseConfig({ buckets: { ...buckets, media: { ...buckets.media, inspect } } });
    const { standing, byLoad } = estimate(stageNamed('prod'), scanned, usualLoad);
    expect([...standing, ...byLoad].map(({ what }) => what)).toEqual([
      'encryption keys',
      'secrets, with their copies',
      'alarms',
      'dashboard',
      'metrics of our own',
      'firewall and its rules',
      'endpoints in the network',
      'warm instances',
      'HTTP API',
      'API function',
      'logs',
      'traces',
      'storage',
      'requests to S3',
      'records',
      'invalidations',
      'flags',
      'events and queues',
      'following events',
      'webhooks',
      'looking for malware',
      'CloudFront',
      'requests past the firewall',
      'backups',
      'the copy in another region',
    ]);
  });

  test('a gigabyte stored and fetched from dev costs what AWS lists', () => {
    const load = { ...idle, storedGigabytes: 100, downloadedGigabytes: 10 };
    expect(dollarsOf('dev', load) - dollarsOf('dev', idle)).toBeCloseTo(100 * 0.023 + 10 * 0.09);
  });

  test('a million requests to an HTTP API cost a dollar, to a REST API three and a half', () => {
    const load = { ...idle, apiRequests: 1e6 };
    const lineOf = (frontDoor: 'http' | 'rest', what: string) =>
      estimate({ ...stageNamed('dev'), frontDoor }, config, load).byLoad.find((cost) => cost.what === what);
    expect(lineOf('http', 'HTTP API')?.dollars).toBe(1);
    expect(lineOf('rest', 'REST API')?.dollars).toBe(3.5);
  });
});
