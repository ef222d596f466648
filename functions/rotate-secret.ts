import * as v from 'valibot';
import { rotateSigningSecret, rotationEvent } from '../lib/access/rotate-signing-secret.ts';
import { openSecretsManager } from '../lib/access/secrets-manager.ts';
import { parseSecretsEnvironment } from '../lib/config/lambda-environment.ts';

/** Secrets Manager calls this to rotate the signing keys: once for each of four steps. */

const { secretsManagerUrl: url, ...environment } = parseSecretsEnvironment(process.env);
const secretsManager = openSecretsManager({ ...environment, url });

export const handler = async (event: unknown): Promise<void> => {
  await rotateSigningSecret(secretsManager, v.parse(rotationEvent, event));
};
