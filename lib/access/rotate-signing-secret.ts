import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { rotateKeyring } from './keyring.ts';
import { parseKeyring } from './lambda-secrets.ts';
import { createSeal } from './seal.ts';
import { SecretError, type SecretsManager } from './secrets-manager.ts';

/**
 * Rotation of the signing keys in Secrets Manager, in its four steps. Each may come again after a failure, and does
 * no harm then.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */

/** What Secrets Manager calls the rotation function with. */
export const rotationEvent = v.object({
  Step: v.picklist(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: v.string(),
  /** Also the name of the version that comes into being. */
  ClientRequestToken: v.string(),
});

export type RotationEvent = v.InferOutput<typeof rotationEvent>;

const description = v.object({ VersionIdsToStages: v.record(v.string(), v.array(v.string())) });
const secretValue = v.object({ SecretString: v.string() });
const anything = v.unknown();

/** @throws SecretError when Secrets Manager refuses; Error when the version is not one that is to be made */
export async function rotateSigningSecret(
  secretsManager: SecretsManager,
  event: RotationEvent,
): Promise<void> {
  const { SecretId, ClientRequestToken: pendingVersion } = event;
  const stages = await stagesOf(secretsManager, SecretId);
  if (stages.get(pendingVersion)?.includes('AWSCURRENT')) return;
  if (!stages.get(pendingVersion)?.includes('AWSPENDING')) {
    throw new Error(`The version ${pendingVersion} is not one that is to become current.`);
  }
  const version = { SecretId, VersionId: pendingVersion, VersionStage: 'AWSPENDING' };
  switch (event.Step) {
    case 'createSecret':
      return createVersion(secretsManager, version);
    case 'setSecret':
      // There is nobody else who would have to be told of the new key.
      return undefined;
    case 'testSecret':
      return testVersion(secretsManager, version);
    case 'finishSecret':
      await secretsManager.call(
        'UpdateSecretVersionStage',
        {
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: pendingVersion,
          RemoveFromVersionId: [...stages].find(([, held]) => held.includes('AWSCURRENT'))?.[0],
        },
        anything,
      );
  }
}

interface Version extends Readonly<Record<string, string>> {
  readonly SecretId: string;
  readonly VersionId: string;
  readonly VersionStage: string;
}

async function stagesOf({ call }: SecretsManager, SecretId: string): Promise<Map<string, readonly string[]>> {
  const { VersionIdsToStages } = await call('DescribeSecret', { SecretId }, description);
  return new Map(Object.entries(VersionIdsToStages));
}

/** A version that is there already was made by an earlier try; a second key would lose what the first has sealed. */
async function createVersion(secretsManager: SecretsManager, version: Version): Promise<void> {
  const { call, read } = secretsManager;
  const made = await call('GetSecretValue', version, secretValue).catch((error: unknown) => {
    if (error instanceof SecretError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  });
  if (made) return;
  const next = rotateKeyring(parseKeyring(await read(version.SecretId)));
  await call(
    'PutSecretValue',
    {
      SecretId: version.SecretId,
      ClientRequestToken: version.VersionId,
      SecretString: JSON.stringify(next),
      VersionStages: ['AWSPENDING'],
    },
    anything,
  );
}

/** What is sealed today must open tomorrow; and the new key must be a new one that works. */
async function testVersion({ call, read }: SecretsManager, version: Version): Promise<void> {
  const current = parseKeyring(await read(version.SecretId));
  const pending = parseKeyring((await call('GetSecretValue', version, secretValue)).SecretString);
  if (pending.current === current.current) throw new Error('The new signing key is the old one.');
  const now = () => new Date();
  const tomorrow = createSeal(pending, now);
  for (const sealer of [createSeal(current, now), tomorrow]) {
    const text = sealer.seal('token', version.VersionId, new Date(Date.now() + 60_000));
    const { payload } = tomorrow.open('token', text);
    if (!isDeepStrictEqual(payload, version.VersionId)) throw new Error('The new keyring opens wrongly.');
  }
}
