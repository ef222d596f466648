import { everyText, dig } from '../dig.ts';
import { each, type Invariant } from './invariant.ts';

const looksSecret = [
  /\bAKIA[A-Z0-9]{16}\b/,
  /\bstow_[\w-]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bwhsec_[\w+/=]{8,}/,
  /\b(?:password|secret|token)=[^&\s{$]{8,}/i,
];

/** Names under which a secret would stand; what ends in `Arn` or `Id` only points to one. */
const namesSecret = /(?:SECRET|PASSWORD|PRIVATE_KEY|ROOT_KEY|TOKEN)$/i;

/** That templates, which anybody with read access to CloudFormation sees, hold no secret. */
export const secretInvariants: Readonly<Record<string, Invariant>> = {
  'AWS makes the secrets up': each(['AWS::SecretsManager::Secret'], (properties) =>
    dig(properties, 'SecretString') === undefined && dig(properties, 'GenerateSecretString') !== undefined
      ? undefined
      : 'is written down in the template',
  ),

  'secrets have a key of ours': each(['AWS::SecretsManager::Secret'], (properties) =>
    dig(properties, 'KmsKeyId') === undefined ? 'has the key of every secret of the account' : undefined,
  ),

  'no text looks like a secret': each(
    () => true,
    (properties) => {
      const found = everyText(properties).find((text) => looksSecret.some((pattern) => pattern.test(text)));
      return found === undefined ? undefined : `holds ${found.slice(0, 12)}…`;
    },
  ),

  'an environment points to secrets and does not hold them': each(['AWS::Lambda::Function'], (properties) => {
    const variables = Object.entries(Object(dig(properties, 'Environment', 'Variables')));
    const held = variables.filter(([name]) => namesSecret.test(name)).map(([name]) => name);
    return held.length > 0 ? `holds ${held.join(', ')}` : undefined;
  }),
};
