import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { createCdn } from '../../lib/downloads/cdn.ts';

/** A key of CloudFront's, as it is made when a stage is deployed. */
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const cdnKey = {
  keyPairId: 'K2JCJMDEHXQW5F',
  privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

/** A CDN that signs by it. */
export const testCdn = createCdn({
  origin: 'https://files.example.com',
  keyPairId: cdnKey.keyPairId,
  readPrivateKey: () => Promise.resolve(cdnKey.privatePem),
});

/**
 * What CloudFront does with a request: the resource and the end that its signature speaks of.
 *
 * @param parts - `Policy`, or `Expires` and the address itself
 * @throws Error when the signature is not that of the key
 */
export function verifiedStatement(
  parts: Readonly<Record<string, string | undefined>>,
  address: string,
  publicKey: KeyObject = createPublicKey(cdnKey.privatePem),
): { readonly resource: string; readonly expiresAt: Date } {
  const policy =
    parts['Policy'] === undefined
      ? `{"Statement":[{"Resource":"${address}","Condition":{"DateLessThan":{"AWS:EpochTime":${parts['Expires']}}}}]}`
      : fromCloudFrontsBase64(parts['Policy']).toString();
  const algorithm = parts['Hash-Algorithm'] === 'SHA256' ? 'sha256' : 'sha1';
  const signature = fromCloudFrontsBase64(parts['Signature'] ?? '');
  if (!verify(algorithm, Buffer.from(policy), publicKey, signature)) throw new Error('SignatureDoesNotMatch');
  const [{ Resource, Condition }] = JSON.parse(policy).Statement;
  return { resource: Resource, expiresAt: new Date(Condition.DateLessThan['AWS:EpochTime'] * 1000) };
}

/** The parts of a signed address: what CloudFront reads, and what it signs. */
export function takeApart(signedUrl: string): {
  readonly address: string;
  readonly parts: Readonly<Record<string, string>>;
} {
  const { search } = new URL(signedUrl);
  const own = ['Policy', 'Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'];
  const pairs = search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('='));
  const others = pairs.filter(([name = '']) => !own.includes(name)).map((pair) => pair.join('='));
  const address = signedUrl.slice(0, signedUrl.length - search.length);
  return {
    address: others.length > 0 ? `${address}?${others.join('&')}` : address,
    parts: Object.fromEntries(pairs.filter(([name = '']) => own.includes(name))),
  };
}

function fromCloudFrontsBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');
}
