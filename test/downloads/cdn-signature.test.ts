import { generateKeyPairSync } from 'node:crypto';
import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CdnKey, signedAddress, signedPolicy } from '../../lib/downloads/cdn-signature.ts';
import { createCdn } from '../../lib/downloads/cdn.ts';
import { cdnKey, takeApart, verifiedStatement } from '../support/cdn-key.ts';

/** Against AWS's own signer. An RSA signature has one form, an ECDSA signature many: that one is verified. */

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keyPairId = 'KABCDEFGHIJKLM';
const options = { keyPairId, algorithm: 'SHA256' } as const;
const rsaPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const rsaKey: CdnKey = { keyPairId, privateKey: rsa.privateKey };

const addresses = fc
  .record({
    key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((key) => key.isWellFormed()),
    disposition: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  })
  .map(({ key, disposition }) => {
    const query =
      disposition === undefined ? '' : `?response-content-disposition=${encodeURIComponent(disposition)}`;
    return `https://files.example.com/o/media/${encodeURIComponent(key)}${query}`;
  })
  // The SDK encodes anew what it takes for a slip: compared is what it leaves as it is.
  .filter((url) => !/[!'()*]|%2E/.test(url) && !url.endsWith('/.') && !url.endsWith('/..'));

const ends = fc.date({ min: new Date('2026-01-01'), max: new Date('2037-01-01'), noInvalidDate: true });

/** The SDK and we set the same parts in another order. */
function inOrder(url: string): string {
  const [address = '', query = ''] = url.split('?');
  return `${address}?${query.split('&').toSorted().join('&')}`;
}

describe('an address signed for CloudFront', () => {
  test('is that of the SDK, byte for byte', () => {
    fc.assert(
      fc.property(addresses, ends, (url, end) => {
        const expiresAt = new Date(Math.floor(end.getTime() / 1000) * 1000);
        const theirs = getSignedUrl({
          ...options,
          url,
          privateKey: rsaPem,
          dateLessThan: expiresAt.toISOString(),
        });
        expect(inOrder(signedAddress({ resource: url, expiresAt }, rsaKey))).toBe(inOrder(theirs));
      }),
      { numRuns: 50 },
    );
  });

  test('by an elliptic curve says what the SDK would say', () => {
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    const resource = 'https://files.example.com/o/media/a%20b.mp4';
    const privateKey = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const theirs = getSignedUrl({
      ...options,
      url: resource,
      privateKey,
      dateLessThan: expiresAt.toISOString(),
    });
    const ours = signedAddress({ resource, expiresAt }, { keyPairId, privateKey: ec.privateKey });
    for (const signed of [ours, theirs]) {
      const { address, parts } = takeApart(signed);
      expect(verifiedStatement(parts, address, ec.publicKey)).toEqual({ resource, expiresAt });
    }
    const { Signature: _, ...said } = takeApart(ours).parts;
    expect(takeApart(theirs).parts).toMatchObject(said);
  });
});

test('cookies for a prefix are those of the SDK, byte for byte', () => {
  const expiresAt = new Date('2030-01-01T00:00:00Z');
  const resource = 'https://files.example.com/o/media/films/*';
  const policy = JSON.stringify({
    Statement: [
      { Resource: resource, Condition: { DateLessThan: { 'AWS:EpochTime': expiresAt.getTime() / 1000 } } },
    ],
  });
  const theirs = getSignedCookies({ ...options, privateKey: rsaPem, policy });
  expect(signedPolicy({ resource, expiresAt }, rsaKey).cookies).toEqual(theirs);
});

describe('the private key', () => {
  const sign = async (read: () => Promise<string>) => {
    const cdn = createCdn({
      keyPairId: cdnKey.keyPairId,
      origin: 'https://f.example.com',
      readPrivateKey: read,
    });
    return { cdn, url: async () => (await cdn.signer(undefined)).signObject(object, new Date()) };
  };
  const object = { bucket: 'media', key: 'a' };

  test('is read once', async () => {
    let reads = 0;
    const { url } = await sign(() => {
      reads += 1;
      return Promise.resolve(cdnKey.privatePem);
    });
    await Promise.all([url(), url()]);
    await url();
    expect(reads).toBe(1);
  });

  test.each([
    ['cannot be read', () => Promise.reject(new Error('AccessDenied: secret-name'))],
    ['is none', () => Promise.resolve('not a key')],
  ])('that %s is read again the next time, and nobody sees why', async (_, fails) => {
    const answers = [fails, () => Promise.resolve(cdnKey.privatePem)];
    const { url } = await sign(() => (answers.shift() ?? fails)());
    await expect(url()).rejects.toMatchObject({
      code: 'cdn_unavailable',
      message: 'The key that signs for the CDN cannot be read.',
    });
    expect(await url()).toContain('https://f.example.com/o/media/a?Expires=');
  });

  test.each(['files.example.com/evil', 'a b', '', undefined])(
    'does not sign for the name %j',
    async (name) => {
      const cdn = createCdn({
        keyPairId: cdnKey.keyPairId,
        readPrivateKey: () => Promise.resolve(cdnKey.privatePem),
      });
      await expect(cdn.signer(name)).rejects.toMatchObject({ code: 'cdn_not_configured' });
    },
  );
});
