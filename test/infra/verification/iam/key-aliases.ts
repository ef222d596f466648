import { type Cloud, resourcesOf } from '../cloud.ts';
import { propertiesOf } from '../resolve.ts';

/** The names of a key, as conditions on a call to KMS can ask for them. */
export function keyAliases(keyArn: string, cloud: Cloud): Readonly<Record<string, readonly string[]>> {
  if (!keyArn.startsWith('arn:aws:kms:')) return {};
  const names = resourcesOf(cloud, 'AWS::KMS::Alias')
    .filter(({ stack }) => keyArn.startsWith(`arn:aws:kms:${stack.region}:`))
    .map((placed) => propertiesOf(placed, cloud))
    .filter(({ TargetKeyId }) => keyArn.endsWith(String(TargetKeyId).replace(/^.*[:/]/, '')))
    .map(({ AliasName }) => String(AliasName));
  return names.length > 0 ? { 'kms:ResourceAliases': names } : {};
}
