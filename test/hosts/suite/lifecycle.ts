import { expect, test } from 'vitest';
import { lifecycleAnswer } from '../../../lib/lifecycle/schema.ts';
import { restoreAnswer } from '../../../lib/objects/schema.ts';
import type { Api } from './host.ts';

export function lifecycleSuite(api: Api): void {
  const path = '/v1/lifecycle/files';
  const put = (rules: readonly object[]) => api.ask(lifecycleAnswer, 'PUT', path, { rules });
  const rule = { enabled: true, prefix: '', tags: {}, transitions: [] };
  const configured = { ...rule, id: 'abandoned-uploads', abortUploadsAfterDays: 7 };

  test('rules are put, kept by storage and got', async () => {
    const rules = [
      { id: 'tmp', prefix: 'tmp & more/', expireAfterDays: 7 },
      { id: 'until', prefix: 'until/', expireAt: '2030-01-01T00:00:00Z', enabled: false },
      {
        id: 'archive',
        prefix: 'archive/',
        tags: { kind: 'log', ünï: '1' },
        sizeGreaterThanBytes: 1000,
        sizeLessThanBytes: 10 ** 12,
        transitions: [
          { afterDays: 30, storageClass: 'STANDARD_IA' },
          { afterDays: 90, storageClass: 'DEEP_ARCHIVE' },
        ],
        noncurrentVersions: {
          expireAfterDays: 90,
          keepNewest: 5,
          transitions: [{ afterDays: 1, keepNewest: 1, storageClass: 'GLACIER_IR' }],
        },
      },
      { id: 'markers', removeExpiredDeleteMarkers: true },
    ];
    const expected = [configured, ...rules.map((it) => ({ ...rule, ...it }))];
    expect((await put(rules)).rules).toEqual(expected);
    const got = await api.ask(lifecycleAnswer, 'GET', path);
    expect(got.rules).toEqual(expected);
    expect((await put(got.rules)).rules).toEqual(expected);
  });

  test('the rules of stowage.json stay, and a rule without an id gets one', async () => {
    const { rules } = await put([{ expireAfterDays: 3 }]);
    expect(rules).toEqual([configured, { ...rule, id: expect.stringMatching(/^rule-/), expireAfterDays: 3 }]);
    expect((await put([])).rules).toEqual([configured]);
    for (const reserved of [
      { ...configured, abortUploadsAfterDays: 1 },
      { ...configured, id: 'stowage-json-0' },
    ]) {
      expect(await api.refusal('PUT', path, { rules: [reserved] })).toBe('409 lifecycle_rule_reserved');
    }
  });

  test('every fault of the rules is listed', async () => {
    const response = await api.call('PUT', path, {
      rules: [
        { id: 'a', expireAfterDays: 0 },
        { id: 'b' },
        { id: 'c', transitions: [{ afterDays: 1, storageClass: 'STANDARD_IA' }] },
        { id: 'd', expireAfterDays: 1, colour: 'red' },
        { id: 'e', transitions: [{ afterDays: 5, storageClass: 'GLACIER' }], expireAfterDays: 5 },
      ],
    });
    const { errors } = await response.json();
    expect(response.status).toBe(400);
    expect(errors.map(({ path }: { path: string }) => path)).toEqual([
      'rules[0].expireAfterDays',
      'rules[1]',
      'rules[2].transitions[0]',
      'rules[3].colour',
      'rules[4]',
    ]);
  });

  test('rules take admin on the whole bucket', async () => {
    const grants = [
      { bucket: 'files', prefix: 'lifecycle/', actions: ['admin', 'read', 'write', 'delete', 'list'] },
    ];
    const caller = await api.delegate({ grants });
    expect(await caller.refusal('GET', path)).toBe('403 access_denied');
    expect(await caller.refusal('PUT', path, { rules: [] })).toBe('403 access_denied');
    expect(await api.refusal('GET', '/v1/lifecycle/none')).toBe('404 bucket_not_found');
  });

  test('a restore answers for each key', async () => {
    await api.store('lifecycle/plain', 'x');
    const caller = await api.delegate({
      grants: [{ bucket: 'files', prefix: 'lifecycle/', actions: ['write'] }],
    });
    const keys = ['lifecycle/plain', 'lifecycle/none', 'other', 'lifecycle/../x'];
    const ask = (body: object) => caller.ask(restoreAnswer, 'POST', '/v1/objects/files/restore', body);
    const { results } = await ask({ keys, days: 1, tier: 'Bulk' });
    expect(results.map((it) => ('error' in it ? it.error.code : it.state))).toEqual([
      'object_not_archived',
      'object_not_found',
      'access_denied',
      'invalid_object_key',
    ]);
    expect(await caller.refusal('POST', '/v1/objects/files/restore', { keys, days: 0 })).toBe(
      '400 invalid_request',
    );
  });
}
