import { hash } from 'node:crypto';
import * as v from 'valibot';
import { keyring, type Keyring } from './keyring.ts';
import { type SecretsManagerOptions, withSecretsManager } from './secrets-manager.ts';

/** The secrets of a Lambda function, read once for each execution environment. Of those that
 * others show the hash alone is kept. */
export interface LambdaSecrets {
  readonly signing: Keyring;
  readonly rootKeySha256: Buffer;
  /** By any of which a request shows that it comes through CloudFront. None: there is no CloudFront. */
  readonly originSecretsSha256: readonly Buffer[];
}

/** The messages must not quote what they complain of. */
const signingSecret = v.pipe(
  v.string(),
  v.parseJson(undefined, 'The signing secret is not JSON.'),
  v.strictObject(keyring.entries, 'The signing secret must hold "current" and may hold "previous".'),
);

const rootKey = v.pipe(
  v.string(),
  v.regex(
    /^[\w.~+/-]{32,}=*$/,
    'The root key must be 32 or more characters that a bearer credential may hold.',
  ),
);

/** @throws SecretError when Secrets Manager does not give a secret; ValiError when a secret has another form */
export async function readLambdaSecrets(
  arns: {
    readonly signingSecretArn: string;
    readonly rootKeySecretArn: string;
    readonly originSecretArns: readonly string[];
  },
  options: SecretsManagerOptions,
): Promise<LambdaSecrets> {
  return withSecretsManager(options, async (secretsManager) => {
    const [signing, root, ...origin] = await Promise.all([
      secretsManager.read(arns.signingSecretArn),
      secretsManager.read(arns.rootKeySecretArn),
      ...arns.originSecretArns.map((arn) => secretsManager.read(arn)),
    ]);
    return {
      signing: parseKeyring(signing),
      rootKeySha256: hash('sha256', v.parse(rootKey, root), 'buffer'),
      originSecretsSha256: origin.map((secret) => hash('sha256', secret, 'buffer')),
    };
  });
}

/** @throws as {@link readLambdaSecrets} does */
export async function readSigningSecret(secretArn: string, options: SecretsManagerOptions): Promise<Keyring> {
  return withSecretsManager(options, async ({ read }) => parseKeyring(await read(secretArn)));
}

/** @throws ValiError, which does not quote the text */
export function parseKeyring(text: string): Keyring {
  return v.parse(signingSecret, text);
}
