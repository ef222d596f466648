import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import * as v from 'valibot';
import type { SecretsManager } from '../access/secrets-manager.ts';

/**
 * Makes the key that signs for CloudFront, unless its secret holds one already: a second key would end what the first has
 * signed.
 *
 * @param secretArn - of a secret that holds the private half, or whatever it was made with
 * @returns the public half, in PEM
 * @throws SecretError when Secrets Manager refuses
 */
export async function makeCdnKey({ call, read }: SecretsManager, secretArn: string): Promise<string> {
  const known = privateKeyIn(await read(secretArn));
  if (known) return publicPem(known);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await call(
    'PutSecretValue',
    {
      SecretId: secretArn,
      ClientRequestToken: randomUUID(),
      SecretString: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    },
    v.unknown(),
  );
  return publicPem(privateKey);
}

function privateKeyIn(text: string): KeyObject | undefined {
  return text.startsWith('-----BEGIN ') ? createPrivateKey(text) : undefined;
}

function publicPem(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}
