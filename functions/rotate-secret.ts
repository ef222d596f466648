import * as v from 'valibot';
import { rotateSigningSecret, rotationEvent } from '../lib/access/rotate-signing-secret.ts';
import { openSecretsManager } from '../lib/access/secrets-manager.ts';
import { createAudit } from '../lib/audit/audit.ts';
import { parseSecretsEnvironment } from '../lib/config/lambda-environment.ts';

/** Secrets Manager calls this to rotate the signing keys: once for each of four steps. */

const { secretsManagerUrl: url, ...environment } = parseSecretsEnvironment(process.env);
const audit = createAudit((lines) => process.stdout.write(lines));
const secretsManager = openSecretsManager({ ...environment, url });

export const handler = async (event: unknown): Promise<void> => {
  const step = v.parse(rotationEvent, event);
  await rotateSigningSecret(secretsManager, step);
  if (step.Step === 'finishSecret') {
    const principal = { kind: 'operator', sub: 'Secrets Manager' } as const;
    audit.write([{ action: 'rotate signing keys', decision: 'allowed', principal }]);
  }
};
