import type { ServerResponse } from 'node:http';
import type { JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import { describeRefusal, jwksPath, publish, trustingService } from './trusting-service.ts';

const trusting = trustingService();

describe("an issuer's keys", () => {
  test('are fetched once, whatever comes at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => trusting().provider.sign()));
    const responses = await Promise.all(tokens.map(trusting().me));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(trusting().provider.requests.get(jwksPath)).toBe(1);
  });

  test('are fetched again for a key that is new, and the old one is worth nothing then', async () => {
    const old = await trusting().provider.sign();
    expect((await trusting().me(old)).status).toBe(200);
    await trusting().provider.rotate();
    trusting().pass(30);
    expect((await trusting().me(await trusting().provider.sign())).status).toBe(200);
    trusting().pass(60);
    expect(await describeRefusal(await trusting().me(old))).toMatch(/no such key/);
  });

  test('are not fetched again for every made-up key id', async () => {
    expect((await trusting().me(await trusting().provider.sign())).status).toBe(200);
    for (let count = 0; count < 10; count += 1) {
      expect(
        (await trusting().me(await trusting().provider.sign({ header: { kid: `made-up-${count}` } }))).status,
      ).toBe(401);
    }
    expect(trusting().provider.requests.get(jwksPath)).toBe(1);
  });

  test('are fetched again when they are old', async () => {
    expect((await trusting().me(await trusting().provider.sign())).status).toBe(200);
    trusting().pass(600);
    const claims = { exp: trusting().now() + 60 };
    expect((await trusting().me(await trusting().provider.sign({ claims }))).status).toBe(200);
    expect(trusting().provider.requests.get(jwksPath)).toBe(2);
  });

  test('stay in use while the issuer is out', async () => {
    expect((await trusting().me(await trusting().provider.sign())).status).toBe(200);
    trusting().provider.answerWith((_, response) => {
      response.writeHead(500).end();
      return true;
    });
    trusting().pass(600);
    const claims: JWTPayload = { exp: trusting().now() + 60 };
    expect((await trusting().me(await trusting().provider.sign({ claims }))).status).toBe(200);
    expect(trusting().service.log).toContainEqual(expect.objectContaining({ level: 'warn' }));
  });

  const outages: Readonly<Record<string, (response: ServerResponse, url?: string) => boolean>> = {
    'answers with an error': (response) => {
      response.writeHead(503).end();
      return true;
    },
    'hangs up': (response) => {
      response.destroy();
      return true;
    },
    'sends no JSON': (response) => {
      response.end('<html>');
      return true;
    },
    'sends keys without end': (response, url) => {
      if (url !== jwksPath) return false;
      const send = () => response.write('x'.repeat(65_536), () => setImmediate(send));
      response.on('error', () => undefined);
      send();
      return true;
    },
    'redirects to keys elsewhere': (response, url) => {
      if (url !== jwksPath) return false;
      response.writeHead(302, { location: '/elsewhere' }).end();
      return true;
    },
    'calls itself by another name': (response, url) => {
      if (url === jwksPath) return false;
      response.end(
        JSON.stringify({
          issuer: 'https://other.example.com',
          jwks_uri: `${trusting().provider.issuer}/jwks`,
        }),
      );
      return true;
    },
    'keeps its keys where anybody can change them on the way': (response, url) => {
      if (url === jwksPath) return false;
      response.end(
        JSON.stringify({ issuer: trusting().provider.issuer, jwks_uri: 'http://id.example.com/jwks' }),
      );
      return true;
    },
    'publishes secrets as keys': (response, url) =>
      publish(url, response, [{ kty: 'oct', kid: 'secret', k: 'c2VjcmV0', alg: 'HS256' }]),
  };

  test.each(Object.entries(outages))('are not there when the issuer %s', async (name, outage) => {
    trusting().provider.answerWith((request, response) => outage(response, request.url));
    const answer = await describeRefusal(await trusting().me(await trusting().provider.sign()));
    expect(answer).toMatch(
      name === 'publishes secrets as keys' ? /^401 invalid_credentials/ : /^503 issuer_unavailable/,
    );
    expect((await trusting().service.call('GET', '/v1/me')).status, 'root still comes in').toBe(200);

    trusting().provider.answerWith(undefined);
    trusting().pass(30);
    expect((await trusting().me(await trusting().provider.sign())).status, 'and all is well again').toBe(200);
  });

  test('are not waited for longer than a few seconds', async () => {
    trusting().provider.answerWith(() => true);
    const startedAt = performance.now();
    expect(await describeRefusal(await trusting().me(await trusting().provider.sign()))).toMatch(
      /^503 issuer_unavailable/,
    );
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
