import { beforeEach, expect, test } from 'vitest';
import { tokenAnswer } from '../../../lib/access/schema.ts';
import { eventsAnswer } from '../../../lib/events/schema.ts';
import { type Api, problemOf } from './host.ts';

/** The feed of events. What stands in it comes from workers, which not every host has beside it. */
export function eventsSuite(api: Api): void {
  beforeEach(({ skip }) => skip(!api.hasRecords, 'the database of records is absent'));

  test('the feed begins now, and goes on from its cursor', async () => {
    const first = await api.ask(eventsAnswer, 'GET', '/v1/events?bucket=files');
    expect(first).toMatchObject({ events: [], isMore: false });
    const path = `/v1/events?bucket=files&prefix=nobody/&limit=1&after=${first.cursor}`;
    expect(await api.ask(eventsAnswer, 'GET', path)).toMatchObject({ events: [], isMore: false });
  });

  test('it takes list over all that is asked for', async () => {
    const grants = [{ bucket: 'files', prefix: 'mine/', actions: ['list'] }];
    const minted = { sub: 'looker', grants, expiresInSeconds: 60 };
    const { token } = await api.ask(tokenAnswer, 'POST', '/v1/tokens', minted);
    const looker = api.as(token);
    await looker.ask(eventsAnswer, 'GET', '/v1/events?bucket=files&prefix=mine/');
    expect(await looker.refusal('GET', '/v1/events?bucket=files')).toBe('403 access_denied');
    expect(await looker.refusal('GET', '/v1/events?bucket=files&prefix=mine')).toBe('403 access_denied');
    expect(await looker.refusal('GET', '/v1/events?bucket=images&prefix=mine/')).toBe('403 access_denied');
    expect(await api.refusal('GET', '/v1/events?bucket=none')).toBe('404 bucket_not_found');
  });

  test('every fault of a question is told', async () => {
    const response = await api.raw('GET', '/v1/events?prefix=%00&sinceSeconds=never&limit=1001&what=this', {
      authorization: `Bearer ${api.credential}`,
    });
    const { code, errors = [] } = await problemOf(response);
    expect(code).toBe('invalid_request');
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      'bucket',
      'limit',
      'prefix',
      'sinceSeconds',
      'what',
    ]);
  });
}
