import { describe, expect, test } from 'vitest';
import { resolve } from './resolve.ts';
import { onlyResource, resourcesOfType, synthesize } from './templates.ts';

const { data } = synthesize();

describe('secrets and their key', () => {
  test('AWS makes the secrets up, under the key of the stack', () => {
    const secrets = resourcesOfType(data, 'AWS::SecretsManager::Secret').map(([id, { Properties }]) => [
      id.slice(0, -8),
      resolve(Properties, [data]),
    ]);
    const KmsKeyId = 'arn:aws:kms:eu-west-1:111122223333:key/EncryptionKey';
    expect(
      Object.fromEntries(secrets),
      'CloudFormation draws a secret anew, and loses the old one, whenever GenerateSecretString changes: after that no token and no upload id under way is valid',
    ).toEqual({
      SigningSecret: {
        Description: expect.any(String),
        KmsKeyId,
        GenerateSecretString: {
          PasswordLength: 64,
          ExcludePunctuation: true,
          SecretStringTemplate: '{}',
          GenerateStringKey: 'current',
        },
      },
      RootKey: {
        Description: expect.any(String),
        KmsKeyId,
        GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true },
      },
    });
  });

  test('the key rotates, and leaves to IAM who may use it', () => {
    expect(resolve(onlyResource(data, 'AWS::KMS::Key').Properties, [data])).toEqual({
      Description: expect.any(String),
      EnableKeyRotation: true,
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::111122223333:root' },
            Action: 'kms:*',
            Resource: '*',
          },
        ],
      },
    });
  });
});

test('what holds data keeps its logical id, and is kept', () => {
  const stateful = Object.entries(data.Resources).filter(
    // A queue holds only what is under way, and tells of what stands in the records.
    ([, { Type }]) => Type !== 'AWS::S3::BucketPolicy' && !Type.startsWith('AWS::SQS::'),
  );
  expect(
    Object.fromEntries(stateful.map(([id, { Type }]) => [id, Type])),
    'A logical id has changed. CloudFormation would leave the deployed resource behind with all that it holds, and ' +
      'make an empty one. Give the construct its old id, or write down how the data moves and then change this list.',
  ).toEqual({
    AccessLogs8B620ECA: 'AWS::S3::Bucket',
    BucketsmediaFB5BCE77: 'AWS::S3::Bucket',
    Bucketsplain8DDB0784: 'AWS::S3::Bucket',
    EncryptionKey1B843E66: 'AWS::KMS::Key',
    Records091F6ECA: 'AWS::DynamoDB::GlobalTable',
    RootKeyEC9149F6: 'AWS::SecretsManager::Secret',
    SigningSecretCF7EC744: 'AWS::SecretsManager::Secret',
  });
  for (const [, resource] of stateful) {
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
});
