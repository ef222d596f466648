import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ApiGatewayEvent } from '../../lib/hosts/api-gateway.ts';
import { originCheck } from '../../lib/hosts/origin-check.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';

const secrets = ['the new secret', 'the old secret'].map((secret) => hash('sha256', secret, 'buffer'));

/** Tells which headers got through. */
const inner = async ({ headers }: ApiGatewayEvent) => ({ statusCode: 200, body: JSON.stringify(headers) });
const checked = originCheck(inner, secrets);

const event = (headers: Readonly<Record<string, string>> = {}) =>
  toApiGatewayEvent('GET', '/v1/buckets', headers);

describe('behind CloudFront', () => {
  test.each(['the new secret', 'the old secret'])('who brings %s is answered', async (secret) => {
    const { statusCode, body } = await checked(event({ 'x-stowage-origin': secret, 'x-other': 'kept' }));
    expect(statusCode).toBe(200);
    expect(JSON.parse(body ?? '')).toMatchObject({ 'x-other': 'kept' });
    expect(body).not.toContain('secret');
  });

  test.each([
    ['none', {}],
    ['an empty one', { 'x-stowage-origin': '' }],
    ['another', { 'x-stowage-origin': 'guessed' }],
    ['both at once', { 'x-stowage-origin': 'the new secret,the old secret' }],
  ])('who brings %s is refused', async (_, headers) => {
    const { statusCode, body, headers: given } = await checked(event(headers));
    expect(statusCode).toBe(403);
    expect(given).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(JSON.parse(body ?? '')).toMatchObject({ code: 'access_denied', requestId: 'JKJaXmPLvHcESHA=' });
  });

  test('a client certificate does as well: the gateway has checked it', async () => {
    const { requestContext, ...rest } = event();
    const clientCert = {
      clientCertPem: '',
      issuerDN: '',
      serialNumber: '',
      subjectDN: 'CN=machine',
      validity: { notAfter: '', notBefore: '' },
    };
    const { statusCode } = await checked({
      ...rest,
      requestContext: { ...requestContext, authentication: { clientCert } },
    });
    expect(statusCode).toBe(200);
  });
});

test('without CloudFront nobody is asked', async () => {
  const open = originCheck(inner, []);
  expect(await open(event())).toMatchObject({ statusCode: 200 });
});
