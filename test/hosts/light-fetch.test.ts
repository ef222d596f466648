import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as light from '../../lib/hosts/light-fetch.ts';

/** The light classes against Node's own: whatever the app does with them must end the same. */
describe('light headers', () => {
  const name = fc.constantFrom('a', 'B', 'Set-Cookie', 'set-cookie', 'Vary', 'x-b', 'Content-Type');
  const value = fc.stringMatching(/^[ \t]{0,2}[!-~]{1,5}[ \t]{0,2}$/);
  const step = fc.oneof(
    fc.tuple(fc.constantFrom('append' as const, 'set' as const), name, value),
    fc.tuple(fc.constant('delete' as const), name, value),
  );

  test('end as the real ones do after any steps', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), fc.array(step), (init, steps) => {
        const [ours, real] = [new light.Headers(init), new Headers(init)];
        for (const headers of [ours, real]) {
          for (const [method, name, value] of steps) headers[method](name, value);
        }
        expect([...ours]).toEqual([...real]);
        expect([...new light.Headers(ours)]).toEqual([...new Headers(real)]);
        expect(ours.getSetCookie()).toEqual(real.getSetCookie());
        for (const probe of ['A', 'b', 'SET-COOKIE', 'vary', 'none']) {
          expect(ours.get(probe)).toBe(real.get(probe));
          expect(ours.has(probe)).toBe(real.has(probe));
        }
      }),
    );
  });

  test('take a record, and visit all entries', () => {
    const entries: string[] = [];
    new light.Headers({ B: '2', a: '1' }).forEach((value, name) => entries.push(`${name}=${value}`));
    expect(entries).toEqual(['a=1', 'b=2']);
  });

  test.each(['a\r\nx: y', 'a\nb', 'a\0b'])('refuse %j as a value', (value) => {
    for (const Headers of [light.Headers, globalThis.Headers]) {
      expect(() => new Headers({ a: value })).toThrow(TypeError);
    }
  });
});

describe('light messages', () => {
  const bodies: readonly (string | Uint8Array<ArrayBuffer> | ArrayBuffer | null)[] = [
    null,
    '',
    'ünï',
    new Uint8Array([0, 255, 10]),
    new Uint8Array([104, 105]).buffer,
  ];

  test.each(bodies.map((body) => [body]))('carry %j as the real ones do', async (body) => {
    const ours = new light.Response(body, { status: 201, headers: { a: 'b' } });
    const real = new Response(body, { status: 201, headers: { a: 'b' } });
    expect([ours.status, ours.ok, [...ours.headers]]).toEqual([real.status, real.ok, [...real.headers]]);
    expect(ours.body === null).toBe(real.body === null);
    expect(await ours.arrayBuffer()).toEqual(await real.clone().arrayBuffer());
    expect(await ours.text()).toBe(await real.text());
  });

  test('a response serves as the shape of another', () => {
    const first = new light.Response('x', {
      status: 404,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    });
    const second = new light.Response(null, first);
    expect([second.status, second.body, second.headers.getSetCookie()]).toEqual([404, null, ['a=1', 'b=2']]);
  });

  test('a request has the method GET, unless it says another', () => {
    expect(new light.Request('https://a.example/').method).toBe('GET');
    const request = new light.Request('https://a.example/', {
      method: 'POST',
      headers: { A: 'b' },
      body: 'x',
    });
    expect([request.method, request.url, request.headers.get('a'), request.body]).toEqual([
      'POST',
      'https://a.example/',
      'b',
      'x',
    ]);
  });
});
