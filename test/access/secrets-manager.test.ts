import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readLambdaSecrets } from '../../lib/access/lambda-secrets.ts';
import {
  openSecretsManager,
  SecretError,
  type SecretsManagerOptions,
} from '../../lib/access/secrets-manager.ts';
import { type SecretAnswers, startSecretsManager } from '../support/secrets-manager.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const signing = JSON.stringify({ current: 'c'.repeat(32), previous: 'p'.repeat(32) });

async function withSecrets<T>(
  secrets: Readonly<Record<string, SecretAnswers>>,
  work: (options: SecretsManagerOptions) => Promise<T>,
): Promise<T> {
  const { url, close } = await startSecretsManager(secrets);
  try {
    return await work({ region: 'eu-west-1', credentials, url });
  } finally {
    await close();
  }
}

/** Reads the secret `a`. */
async function read(options: SecretsManagerOptions): Promise<string> {
  const secretsManager = openSecretsManager(options);
  try {
    return await secretsManager.read('a');
  } finally {
    secretsManager.close();
  }
}

describe('a secret', () => {
  test('is read by a signed call', async () => {
    expect(await withSecrets({ a: ['text'] }, read)).toBe('text');
  });

  test('is asked for again while the service is busy', async () => {
    expect(await withSecrets({ a: [500, 503, 'text'] }, read)).toBe('text');
  });

  test('that stays away is an error after three attempts', async () => {
    const outcome = withSecrets({ a: [500, 500, 503, 'text'] }, read);
    await expect(outcome).rejects.toThrow('GetSecretValue of the secret a fails: status 503');
  });

  test("that the service refuses is an error in the service's own words", async () => {
    const outcome = withSecrets({}, read);
    await expect(outcome).rejects.toThrow(SecretError);
    await expect(outcome).rejects.toThrow(
      'GetSecretValue of the secret a fails: ResourceNotFoundException: refused as ResourceNotFoundException',
    );
  });

  test('is an error when nobody answers', async () => {
    const { url, close } = await startSecretsManager({});
    await close();
    await expect(read({ region: 'eu-west-1', credentials, url })).rejects.toThrow(/fails: NoAnswer/);
  });
});

describe('the secrets of a function', () => {
  const arns = { signingSecretArn: 'signing', rootKeySecretArn: 'root', originSecretArns: ['o2', 'o1'] };

  test('are a keyring and the hashes of what others show', async () => {
    const secrets = { signing: [signing], root: ['r'.repeat(32)], o1: ['old'], o2: ['new'] };
    expect(await withSecrets(secrets, (options) => readLambdaSecrets(arns, options))).toEqual({
      originSecretsSha256: ['new', 'old'].map((secret) => hash('sha256', secret, 'buffer')),
      signing: { current: 'c'.repeat(32), previous: 'p'.repeat(32) },
      rootKeySha256: hash('sha256', 'r'.repeat(32), 'buffer'),
    });
  });

  test.each([
    ['a signing secret that is no JSON', { signing: ['hunter2hunter2'], root: ['r'.repeat(32)] }],
    [
      'a signing secret that is too short',
      { signing: ['{"current":"hunter2hunter2"}'], root: ['r'.repeat(32)] },
    ],
    ['a root key that is too short', { signing: [signing], root: ['hunter2hunter2'] }],
    ['a root key that no header can hold', { signing: [signing], root: ['hunter2hunter2 '.repeat(3)] }],
  ])('are not %s, and the complaint does not quote it', async (_, secrets) => {
    const error: unknown = await withSecrets(secrets, (options) =>
      readLambdaSecrets({ ...arns, originSecretArns: [] }, options).catch((reason: unknown) => reason),
    );
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('hunter2');
  });
});
