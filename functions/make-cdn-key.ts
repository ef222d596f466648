import * as v from 'valibot';
import { openSecretsManager } from '../lib/access/secrets-manager.ts';
import { parseSecretsEnvironment } from '../lib/config/lambda-environment.ts';
import { makeCdnKey } from '../lib/downloads/make-cdn-key.ts';
import { customResource } from '../lib/hosts/custom-resource.ts';

/** CloudFormation calls this for each key that signs for CloudFront, and takes the public half from it. */

const { secretsManagerUrl: url, ...environment } = parseSecretsEnvironment(process.env);
const secretsManager = openSecretsManager({ ...environment, url });
const properties = v.object({ SecretArn: v.string() });

export const handler = customResource(async ({ ResourceProperties }) => {
  const { SecretArn } = v.parse(properties, ResourceProperties);
  return { PublicKey: await makeCdnKey(secretsManager, SecretArn) };
});
