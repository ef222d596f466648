import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';
import { eventBridge, notification, s3Record } from './messages.ts';

let service: TestService;

beforeAll(async () => {
  service = await openTestService({ buckets: { files: {}, media: {} } });
});
afterAll(() => service.stop());

const bearer = `Bearer ${rootKey}`;

async function notify(body: string, authorization = bearer, contentType?: string): Promise<Response> {
  const headers = { authorization, ...(contentType !== undefined && { 'content-type': contentType }) };
  return service.app.request('/v1/notifications', { method: 'POST', headers, body });
}

async function kept() {
  const messages = await service.notified.receive({ limit: 10, leaseSeconds: 60 });
  for (const message of messages) await service.notified.done(message);
  return messages.flatMap(({ body }) => parseObjectEvents(body));
}

const inMedia = { s3: { bucket: { name: 'media' }, object: { key: 'b' } } };

describe('what storage tells', () => {
  test('is kept change by change before it is answered', async () => {
    const records = [
      s3Record('ObjectCreated:Put', { key: 'a+1', size: 5 }),
      s3Record('ObjectRemoved:Delete', {}, inMedia),
    ];
    const answer = await notify(notification(...records));
    expect(answer.status).toBe(204);
    expect(await kept()).toMatchObject([
      { type: 'object.created', bucket: 'files', key: 'a 1', sizeBytes: 5 },
      { type: 'object.deleted', bucket: 'media', key: 'b' },
    ]);
    const audited = service.auditLog
      .map((line) => JSON.parse(line))
      .map(({ action, bucket }) => [action, bucket]);
    expect(audited).toEqual(['files', 'media'].map((bucket) => ['POST /v1/notifications', bucket]));
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'text/plain', undefined])(
    'counts as content type %s',
    async (contentType) => {
      expect((await notify(notification(s3Record('ObjectCreated:Put')), bearer, contentType)).status).toBe(
        204,
      );
      expect(await kept()).toHaveLength(1);
    },
  );

  test("may have EventBridge's shape", async () => {
    expect((await notify(eventBridge('Object Created', {}, { bucket: { name: 'files' } }))).status).toBe(204);
    expect(await kept()).toMatchObject([{ type: 'object.created', bucket: 'files' }]);
  });

  test.each([
    [
      "S3's trial",
      { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-11-25T12:00:00Z', Bucket: 'files' },
    ],
    ['a change that nobody here knows', { Records: [s3Record('ObjectSynced:Create')] }],
    ['nothing', { Records: [] }],
  ])('is taken and left when it is %s', async (_name, message) => {
    expect((await notify(JSON.stringify(message))).status).toBe(204);
    expect(await kept()).toEqual([]);
  });

  test.each([
    ['no JSON', '{', 400, 'invalid_json'],
    ['no event', '{"hello":1}', 400, 'invalid_request'],
    ['nothing at all', '', 400, 'invalid_request'],
    ['a list', '[]', 400, 'invalid_request'],
    [
      'one that cannot be read among others',
      notification(s3Record('ObjectCreated:Put'), {}),
      400,
      'invalid_request',
    ],
    [
      'a key that is not encoded as keys are',
      notification(s3Record('ObjectCreated:Put', { key: '%zz' })),
      400,
      'invalid_request',
    ],
    [
      'a bucket of somebody else',
      notification(
        s3Record('ObjectCreated:Put'),
        s3Record('ObjectCreated:Put', {}, { s3: { bucket: { name: 'other' }, object: { key: 'b' } } }),
      ),
      404,
      'bucket_not_found',
    ],
    [
      'larger than an event',
      notification(s3Record('ObjectCreated:Put', { padding: 'x'.repeat(250_000) })),
      413,
      'body_too_large',
    ],
  ])('is refused whole when it is %s', async (_name, body, status, code) => {
    const answer = await notify(body);
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
    expect(await kept()).toEqual([]);
  });
});

describe('who may tell', () => {
  async function keyFor(...buckets: string[]): Promise<string> {
    const grants = buckets.map((bucket) => ({ bucket, actions: ['admin'] }));
    const answer: { key: string } = await (
      await service.call('POST', '/v1/keys', { name: 'storage', grants })
    ).json();
    return answer.key;
  }
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test('is an admin of each bucket', async () => {
    const authorization = `Bearer ${await keyFor('files')}`;
    expect((await notify(notification(s3Record('ObjectCreated:Put')), authorization)).status).toBe(204);
    const both = notification(s3Record('ObjectCreated:Put'), s3Record('ObjectCreated:Put', {}, inMedia));
    expect((await notify(both, authorization)).status).toBe(403);
    expect(await kept()).toHaveLength(1);
    expect(service.auditLog.at(-1)).toContain('access_denied');
  });

  test('may show the key as a password, whatever the name', async () => {
    const key = await keyFor('files');
    for (const text of [`stowage:${key}`, `:${key}`]) {
      expect((await notify(notification(s3Record('ObjectCreated:Put')), basic(text))).status).toBe(204);
      expect(await kept()).toHaveLength(1);
    }
  });

  test.each([
    ['no password', () => basic('stowage')],
    ['a wrong one', () => basic('stowage:stow_wrong')],
    ['the key as the name', () => basic(`${rootKey}:`)],
    ['no base64', () => 'Basic %%%'],
    ['nothing', () => ''],
  ])('and not who shows %s', async (_name, authorization) => {
    expect((await notify(notification(s3Record('ObjectCreated:Put')), authorization())).status).toBe(401);
    expect(await kept()).toEqual([]);
  });

  test('no password opens anything else', async () => {
    const headers = { authorization: basic(`stowage:${rootKey}`) };
    expect((await service.app.request('/v1/me', { headers })).status).toBe(401);
  });
});
