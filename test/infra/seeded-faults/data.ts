import { on, put, type TemplateFault } from './fault.ts';

const bucket = 'AWS::S3::Bucket';
const key = 'AWS::KMS::Key';
const secret = 'AWS::SecretsManager::Secret';
const table = 'AWS::DynamoDB::GlobalTable';
const outlives = 'what holds data outlives its stack';
const secretsOfOurs = 'AWS makes the secrets up';

export const dataFaults: readonly TemplateFault[] = [
  {
    name: 'a bucket goes with its stack',
    caughtBy: outlives,
    spoil: on(bucket, (_, resource) => (resource.DeletionPolicy = 'Delete')),
  },
  {
    name: 'a replaced key is deleted, and all that it encrypted is lost',
    caughtBy: outlives,
    spoil: on(key, (_, resource) => Reflect.deleteProperty(resource, 'UpdateReplacePolicy')),
  },
  {
    name: 'a secret goes with its stack',
    caughtBy: outlives,
    spoil: on(secret, (_, resource) => (resource.DeletionPolicy = 'RetainExceptOnCreate')),
  },
  {
    name: 'a table goes with its stack',
    caughtBy: outlives,
    spoil: on(table, (_, resource) => Reflect.deleteProperty(resource, 'DeletionPolicy')),
  },
  {
    name: 'the stack of the data can be deleted by a slip',
    caughtBy: 'a stack that holds data cannot be deleted by mistake',
    spoil: ({ stacks }) => {
      for (const stack of stacks) Object.assign(stack, { terminationProtection: false });
    },
  },
  {
    name: 'a bucket gets another logical id',
    caughtBy: 'what holds data keeps its logical id',
    spoil: ({ stacks }) => {
      for (const { template } of stacks) {
        const text = JSON.stringify(template).replaceAll(/\bBucketsmedia[0-9A-F]{8}\b/g, 'Media');
        Object.assign(template, JSON.parse(text));
      }
    },
  },
  {
    name: 'a key never changes',
    caughtBy: 'keys rotate',
    spoil: put(key, 'EnableKeyRotation', false),
  },
  {
    name: 'a table cannot be brought back to yesterday',
    caughtBy: 'tables can be brought back to any second',
    spoil: put(table, 'Replicas.0.PointInTimeRecoverySpecification', undefined),
  },
  {
    name: 'a table can be deleted by a call',
    caughtBy: 'tables are protected from deletion',
    spoil: put(table, 'Replicas.0.DeletionProtectionEnabled', false),
  },
  {
    name: 'a secret is written into the template',
    caughtBy: secretsOfOurs,
    spoil: put(secret, 'SecretString', 'correct horse battery staple'),
  },
  {
    name: 'a secret is empty',
    caughtBy: secretsOfOurs,
    spoil: put(secret, 'GenerateSecretString', undefined),
  },
  {
    name: "a secret has the account's own key",
    caughtBy: 'secrets have a key of ours',
    spoil: put(secret, 'KmsKeyId', undefined),
  },
  {
    name: 'an access key stands in a description',
    caughtBy: 'no text looks like a secret',
    spoil: put(key, 'Description', 'ask for AKIAIOSFODNN7EXAMPLE'),
  },
  {
    name: 'the root key stands in an environment',
    caughtBy: 'no text looks like a secret',
    spoil: put('AWS::Lambda::Function', 'Environment.Variables.KEY', 'stow_kKq0bW3vX8Zt'),
  },
  {
    name: 'an environment is meant to hold a secret',
    caughtBy: 'an environment points to secrets and does not hold them',
    spoil: put('AWS::Lambda::Function', 'Environment.Variables.STOWAGE_ROOT_KEY', 'abc'),
  },
];
