import { describe, expect, test } from 'vitest';
import { presigned, send } from './acceptance/wire.ts';
import { useTarget } from './acceptance/target.ts';
import { startStore } from './server.ts';

const origin = 'https://app.example.com';

describe('a browser', () => {
  const target = useTarget(() => startStore({ corsOrigins: [origin] }));

  const ask = (headers: Record<string, string>) =>
    send(`${target().endpoint}/files/k?X-Amz-Signature=x`, { method: 'OPTIONS', headers });

  test('that asks from an allowed origin may send what it likes', async () => {
    const answer = await ask({
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type, x-amz-meta-a',
    });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': 'content-type, x-amz-meta-a',
    });
  });

  test('that asks from elsewhere, or for another method, is refused', async () => {
    const refused = { status: 403, code: 'AccessForbidden' };
    const put = { 'access-control-request-method': 'PUT' };
    expect(await ask({ ...put, origin: 'https://evil.example.com' })).toMatchObject(refused);
    expect(await ask({ origin, 'access-control-request-method': 'PATCH' })).toMatchObject(refused);
    expect(await ask(put)).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });

  test('may read the ETag and all other headers, also those of a refusal', async () => {
    const headers = { origin };
    const url = presigned(target(), 'k', { method: 'PUT', headers: { 'x-amz-meta-a': '1' } });
    const put = await send(url, { method: 'PUT', body: 'x', headers: { ...headers, 'x-amz-meta-a': '1' } });
    expect(put.headers.get('access-control-allow-origin')).toBe(origin);
    expect(put.headers.get('access-control-expose-headers')).toContain('etag');
    const get = await send(presigned(target(), 'k', { method: 'GET' }), { headers });
    expect(get.headers.get('access-control-expose-headers')).toContain('x-amz-meta-a');
    const refused = await send(`${target().endpoint}/files/k`, { headers });
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('elsewhere gets no leave to read', async () => {
    const get = await send(presigned(target(), 'k', { method: 'GET' }), {
      headers: { origin: 'https://evil.example.com' },
    });
    expect(get.headers.get('access-control-allow-origin')).toBeNull();
    expect(get.headers.get('vary')).toContain('Origin');
  });
});

describe('where every origin is allowed', () => {
  const target = useTarget(() => startStore({ corsOrigins: ['*'] }));

  test('any browser may read', async () => {
    const get = await send(presigned(target(), 'k', { method: 'GET' }), { headers: { origin } });
    expect(get.headers.get('access-control-allow-origin')).toBe('*');
  });
});
