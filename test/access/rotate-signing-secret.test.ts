import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseKeyring } from '../../lib/access/lambda-secrets.ts';
import { rotateSigningSecret, type RotationEvent } from '../../lib/access/rotate-signing-secret.ts';
import { createSeal } from '../../lib/access/seal.ts';
import { openSecretsManager, type SecretsManager } from '../../lib/access/secrets-manager.ts';
import { type RotatingSecret, secretArn, startRotatingSecret } from '../support/rotating-secret.ts';

const first = { current: 'the first signing key of all, long enough' };

describe('the rotation of the signing secret', () => {
  let secret: RotatingSecret;
  let secretsManager: SecretsManager;

  beforeEach(async () => {
    secret = await startRotatingSecret(JSON.stringify(first));
    secretsManager = openSecretsManager({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      url: secret.url,
    });
  });
  afterEach(async () => {
    secretsManager.close();
    await secret.close();
  });

  const step = (Step: RotationEvent['Step'], version = 'v2') =>
    rotateSigningSecret(secretsManager, { Step, SecretId: secretArn, ClientRequestToken: version });
  const keyringAt = (stage: string) => parseKeyring(secret.at(stage) ?? '');

  async function rotate(version: string): Promise<void> {
    secret.announce(version);
    await step('createSecret', version);
    await step('setSecret', version);
    await step('testSecret', version);
    await step('finishSecret', version);
  }

  test('leaves the secret as it is until its last step', async () => {
    secret.announce('v2');
    await step('createSecret');
    await step('setSecret');
    await step('testSecret');
    expect(keyringAt('AWSCURRENT')).toEqual(first);
    await step('finishSecret');
    expect(keyringAt('AWSCURRENT')).toEqual({ current: expect.any(String), previous: first.current });
    expect(keyringAt('AWSCURRENT').current).not.toBe(first.current);
    expect(keyringAt('AWSPREVIOUS')).toEqual(first);
    expect(secret.stagesOf('v2')).toContain('AWSCURRENT');
  });

  test('breaks no session: what was sealed before it opens after it', async () => {
    const now = () => new Date();
    const text = createSeal(first, now).seal('upload', 'session', new Date(Date.now() + 60_000));
    await rotate('v2');
    expect(createSeal(keyringAt('AWSCURRENT'), now).open('upload', text).payload).toBe('session');
    await rotate('v3');
    expect(() => createSeal(keyringAt('AWSCURRENT'), now).open('upload', text)).toThrow('forged');
  });

  test('may be called again at every step', async () => {
    secret.announce('v2');
    await step('createSecret');
    const made = keyringAt('AWSPENDING');
    for (const again of ['createSecret', 'setSecret', 'testSecret', 'createSecret'] as const)
      await step(again);
    expect(keyringAt('AWSPENDING')).toEqual(made);
    await step('finishSecret');
    await step('finishSecret');
    await step('createSecret');
    expect(keyringAt('AWSCURRENT')).toEqual(made);
    expect(secret.calls.filter((operation) => operation === 'PutSecretValue')).toHaveLength(1);
    expect(secret.calls.filter((operation) => operation === 'UpdateSecretVersionStage')).toHaveLength(1);
  });

  test('touches no version that nobody has announced', async () => {
    await expect(step('createSecret', 'v9')).rejects.toThrow('v9 is not one that is to become current');
    await expect(step('finishSecret', 'v9')).rejects.toThrow('v9 is not one that is to become current');
    expect(keyringAt('AWSCURRENT')).toEqual(first);
  });

  test.each([
    ['under which today’s sessions would not open', { current: 'x'.repeat(40) }, /forged/],
    ['whose key is not new', first, /is the old one/],
    ['that is no keyring', { current: 'short' }, /Invalid length/],
  ])('does not let a version pass %s', async (_, keyring, complaint) => {
    secret.announce('v2');
    await secretsManager.call(
      'PutSecretValue',
      {
        SecretId: secretArn,
        ClientRequestToken: 'v2',
        SecretString: JSON.stringify(keyring),
        VersionStages: ['AWSPENDING'],
      },
      v.unknown(),
    );
    await expect(step('testSecret')).rejects.toThrow(complaint);
  });
});
