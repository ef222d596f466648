import { describe, expect, test } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { resolve } from './resolve.ts';
import { onlyResource, resourcesOfType, synthesize } from './templates.ts';

const { data, stacks } = synthesize('prod', {
  buckets: { media: { versioning: true, cdn: {} }, plain: {} },
});
const { Replica: replica = data } = stacks;
const copy = 'stowage-prod-media-111122223333-replica';

describe('in the recovery region', () => {
  const bucket = resourcesOfType(replica, 'AWS::S3::Bucket')
    .map(([, resource]) => resource)
    .find(({ Properties }) => 'BucketName' in Properties);

  test('the versioned bucket has a copy, under the name that the home region expects', () => {
    expect(resourcesOfType(replica, 'AWS::S3::Bucket')).toHaveLength(2);
    expect(resolve(bucket?.Properties, [replica])).toMatchObject({
      BucketName: copy,
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(bucket?.DeletionPolicy).toBe('Retain');
  });

  test('of which nothing can be deleted for a while', () => {
    expect(bucket?.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } },
      },
    });
  });

  test('the key goes by the name that the home region uses', () => {
    expect(onlyResource(replica, 'AWS::KMS::Alias').Properties).toMatchObject({
      AliasName: 'alias/stowage-prod-replica',
    });
  });
});

describe('in the home region', () => {
  test('every object and every deletion is copied, within 15 minutes', () => {
    const media = resourcesOfType(data, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Bucketsmedia'));
    expect(resolve(media?.[1].Properties['ReplicationConfiguration'], [data])).toEqual({
      Role: 'arn:aws:iam::111122223333:role/ReplicationRole',
      Rules: [
        {
          Id: 'everything',
          Status: 'Enabled',
          Priority: 1,
          Filter: { Prefix: '' },
          DeleteMarkerReplication: { Status: 'Enabled' },
          SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
          Destination: {
            Bucket: `arn:aws:s3:::${copy}`,
            EncryptionConfiguration: {
              ReplicaKmsKeyID: 'arn:aws:kms:us-west-2:111122223333:alias/stowage-prod-replica',
            },
            ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
            Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
          },
        },
      ],
    });
    const plain = resourcesOfType(data, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Bucketsplain'));
    expect(plain?.[1].Properties).not.toHaveProperty('ReplicationConfiguration');
  });

  test('the role that copies may do exactly this', () => {
    const through = (region: string, more: object = {}) =>
      JSON.stringify({
        StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` },
        ...more,
      });
    const aliases = { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/stowage-prod-replica' } };
    const { ReplicationRoleDefaultPolicy: permissions = [] } = permissionsOf([data]);
    expect(permissions).toEqual(
      [
        's3:GetReplicationConfiguration arn:aws:s3:::Bucketsmedia',
        's3:ListBucket arn:aws:s3:::Bucketsmedia',
        's3:GetObjectVersionAcl arn:aws:s3:::Bucketsmedia/*',
        's3:GetObjectVersionForReplication arn:aws:s3:::Bucketsmedia/*',
        's3:GetObjectVersionTagging arn:aws:s3:::Bucketsmedia/*',
        `s3:ReplicateDelete arn:aws:s3:::${copy}/*`,
        `s3:ReplicateObject arn:aws:s3:::${copy}/*`,
        `s3:ReplicateTags arn:aws:s3:::${copy}/*`,
        `kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/EncryptionKey ${through('eu-west-1')}`,
        `kms:Encrypt arn:aws:kms:us-west-2:111122223333:key/* ${through('us-west-2', aliases)}`,
        `kms:GenerateDataKey arn:aws:kms:us-west-2:111122223333:key/* ${through('us-west-2', aliases)}`,
      ].toSorted(),
    );
  });

  test('the records and the secrets have their copies, too', () => {
    const table = resolve(onlyResource(data, 'AWS::DynamoDB::GlobalTable').Properties, [data]);
    expect(table).toMatchObject({
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Replicas: [
        { Region: 'us-east-1', DeletionProtectionEnabled: true },
        { Region: 'us-west-2', DeletionProtectionEnabled: true },
      ],
    });
    for (const name of ['SigningSecret', 'RootKey']) {
      const secret = resourcesOfType(data, 'AWS::SecretsManager::Secret').find(([id]) => id.startsWith(name));
      expect(secret?.[1].Properties).toMatchObject({ ReplicaRegions: [{ Region: 'us-west-2' }] });
    }
  });
});

test('a long name of a bucket still makes a name that S3 takes', () => {
  const name = 'a'.repeat(63);
  const { stacks: long } = synthesize('prod', { buckets: { [name]: { versioning: true } } });
  const names = Object.values(long['Replica']?.Resources ?? {}).flatMap(({ Properties }) =>
    'BucketName' in Properties && long['Replica']
      ? [resolve(Properties['BucketName'], [long['Replica']])]
      : [],
  );
  expect(names).toContainEqual(expect.stringMatching(/^stowage-prod-a{11}-[0-9a-f]{8}-\d{12}-replica$/));
});
