import { Ajv } from 'ajv';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flagsJsonSchema, flagsSchema } from '../../lib/config/flags.ts';
import { type AppConfigFlags, openAppConfig } from '../../lib/flags/app-config.ts';
import { type AppConfig, startAppConfig } from '../support/app-config.ts';
import { region, storeCredentials } from '../support/service.ts';

const initial = { readOnlyBuckets: [], maxUrlLifetimeSeconds: 604_800 };
const frozen = { readOnlyBuckets: ['media'], maxUrlLifetimeSeconds: 60 };

describe('flags in AppConfig', () => {
  let service: AppConfig;
  let flags: AppConfigFlags;
  let seconds: number;
  let complaints: string[];

  beforeEach(async () => {
    service = await startAppConfig(frozen);
    seconds = 0;
    complaints = [];
    flags = openAppConfig({
      arn: 'arn:aws:appconfig:us-east-1:111122223333:application/a1/environment/e1/configuration/p1',
      url: service.url,
      region,
      credentials: storeCredentials,
      initial,
      log: (level, message) => complaints.push(`${level}: ${message}`),
      now: () => Date.now() + seconds * 1000,
    });
  });
  afterEach(async () => {
    flags.close();
    await service.close();
  });

  test('are those of the configuration until they are read', async () => {
    expect(flags.current()).toEqual(initial);
    await expect.poll(async () => (await flags.refresh(), flags.current())).toEqual(frozen);
  });

  test('are asked for once a minute, however many requests there are', async () => {
    await Promise.all([flags.refresh(), flags.refresh(), flags.refresh()]);
    await expect.poll(() => flags.current()).toEqual(frozen);
    expect(service.sessions).toEqual(['a1/e1/p1']);
    service.deploy({});
    await flags.refresh();
    expect(service.calls).toEqual(['POST /configurationsessions', 'GET /configuration']);
    seconds = 61;
    await flags.refresh();
    await expect.poll(() => flags.current()).toEqual(initial);
    seconds = 122;
    await flags.refresh();
    await expect.poll(() => service.calls.filter((call) => call.startsWith('GET'))).toHaveLength(3);
    expect([flags.current(), complaints]).toEqual([initial, []]);
  });

  test.each([
    ['AppConfig does not answer well', 503],
    ['what it holds are no flags', { readOnlyBuckets: 'media' }],
    ['it knows more flags than we do', { ...frozen, another: true }],
  ])('stay as they were when %s, and come back', async (_, content) => {
    await flags.refresh();
    await expect.poll(() => flags.current()).toEqual(frozen);
    service.deploy(content);
    seconds = 61;
    await flags.refresh();
    await expect.poll(() => complaints).toHaveLength(1);
    expect(flags.current()).toEqual(frozen);
    service.deploy({});
    seconds = 122;
    await flags.refresh();
    await expect.poll(() => flags.current()).toEqual(initial);
  });

  test('hold up no request when AppConfig hangs', async () => {
    await service.close();
    await flags.refresh();
    expect(flags.current()).toEqual(initial);
  });
});

test('the schema by which AppConfig refuses a change allows what the service understands, and no more', () => {
  const { $schema: _, ...schema } = flagsJsonSchema(['media', 'files']) as Record<string, unknown>;
  const allows = new Ajv().compile(schema);
  const known = ['*', 'media', 'files'];
  const value = fc.oneof(
    fc.record(
      {
        readOnlyBuckets: fc.oneof(fc.array(fc.constantFrom(...known)), fc.constantFrom('media', null, [1])),
        maxUrlLifetimeSeconds: fc.oneof(fc.integer({ min: -1, max: 604_801 }), fc.constantFrom('60', 1.5)),
        other: fc.constant(true),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom(null, 1, 'text'),
  );
  fc.assert(fc.property(value, (candidate) => allows(candidate) === v.is(flagsSchema, candidate)));
  expect(allows({ readOnlyBuckets: ['elsewhere'] })).toBe(false);
});
