import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig, listAt, textsAt } from '../dig.ts';
import { oncePerCloud } from '../once-per-cloud.ts';
import { propertiesOf } from '../resolve.ts';
import { platformCalls } from './platform-calls.ts';
import { arnsNamedBy, rotatedSecret, secretsRotatedBy } from './named-resources.ts';
import { type RecordedCall, recordedCalls } from './recorded-calls.ts';
import { ownArn } from './resource-policies.ts';
import { type DeployedRole, isForDeploying } from './roles.ts';
import type { Question } from './simulate.ts';

/** A call that is made in the name of a role. */
export type Call = Omit<Question, 'principal'>;

/** A key that stands for all keys of a bucket. */
export const anyKey = 'some/key';

/** Every call that is made in the name of a role: by our code, and by AWS for the resources that use the role. */
export function callsOf(role: DeployedRole, cloud: Cloud): Call[] {
  const direct = [
    ...role.users.flatMap((user) => [...recordedCallsOf(user, cloud), ...platformCalls(user, cloud)]),
    ...(isForDeploying(role) ? deployCalls(role, cloud) : []),
  ];
  return [...direct, ...direct.flatMap((call) => keyCalls(call, cloud))];
}

/** A team's own function, of which there is no record here: it takes its messages as the one for events does. */
const ownFunction = 'on-object-event';
const isOwnQueue = ({ entry, variable }: RecordedCall) =>
  entry === 'object-events' && /^STOWAGE_(?:DEAD_LETTER_)?QUEUE_URL$/.test(variable);

/** What the function's code was seen to call, with the resources that its environment names. */
function recordedCallsOf(user: Placed, cloud: Cloud): Call[] {
  if (user.resource.Type !== 'AWS::Lambda::Function') return [];
  const properties = propertiesOf(user, cloud);
  const entry = String(properties['Handler']).replace(/\..*$/, '');
  const { account } = user.stack;
  return recordedCalls
    .filter((recorded) => recorded.entry === entry || (entry === ownFunction && isOwnQueue(recorded)))
    .flatMap(({ action, variable, isObject }) =>
      (variable === rotatedSecret
        ? secretsRotatedBy(user, cloud)
        : arnsNamedBy(dig(properties, 'Environment', 'Variables', variable), cloud)
      )
        .filter((arn) => !/Versions?(?:Tagging)?$/.test(action) || isVersioned(arn, cloud))
        .map((arn) => ({ action, account, resource: isObject ? `${arn}/${anyKey}` : arn })),
    );
}

/** Whether a bucket of the cloud keeps versions. */
export function isVersioned(bucketArn: string, cloud: Cloud): boolean {
  return resourcesOf(cloud, 'AWS::S3::Bucket')
    .filter((bucket) => ownArn(bucket, cloud) === bucketArn)
    .some((bucket) => dig(propertiesOf(bucket, cloud), 'VersioningConfiguration', 'Status') === 'Enabled');
}

/** What `cdk deploy` and `cdk diff` call: the roles of the CDK, in every region that has a stack. */
function deployCalls({ placed }: DeployedRole, { stacks }: Cloud): Call[] {
  const { account } = placed.stack;
  const purposes = placed.id.startsWith('Diff') ? ['lookup'] : ['deploy', 'file-publishing', 'lookup'];
  return [...new Set(stacks.map(({ region }) => region))].flatMap((region) =>
    purposes.map((purpose) => ({
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${account}:role/cdk-hnb659fds-${purpose}-role-${account}-${region}`,
      account,
    })),
  );
}

/** What services ask of KMS in the name of whoever called them, for the resources that have a key of ours. */
export function keyCalls({ action, resource }: Pick<Call, 'action' | 'resource'>, cloud: Cloud): Call[] {
  const [service = '', name = ''] = action.split(':');
  const asked =
    keyActions[action] ?? (service === 'dynamodb' && /Item$|^Query$/.test(name) ? ['kms:Decrypt'] : []);
  if (asked.length === 0) return [];
  return encryptedResources(cloud)
    .filter(({ arn }) => resource === arn || resource.startsWith(`${arn}/`))
    .flatMap(({ placed, keys }) =>
      keys.flatMap((key) =>
        asked.map((keyAction) => ({
          action: keyAction,
          resource: key,
          account: placed.stack.account,
          context: { 'kms:ViaService': `${service}.${placed.stack.region}.amazonaws.com` },
        })),
      ),
    );
}

/**
 * To read an object also means to decrypt its key; so does putting the parts of one together.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
const keyActions: Readonly<Record<string, readonly string[]>> = {
  's3:GetObject': ['kms:Decrypt'],
  's3:GetObjectVersion': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey', 'kms:Decrypt'],
  's3:GetObjectVersionForReplication': ['kms:Decrypt'],
  's3:ReplicateObject': ['kms:Encrypt', 'kms:GenerateDataKey'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:GenerateDataKey'],
};

const encryptedResources = oncePerCloud((cloud) =>
  resourcesOf(cloud, 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::DynamoDB::GlobalTable').map(
    (placed) => {
      const properties = propertiesOf(placed, cloud);
      const here = listAt(properties, 'Replicas').find((copy) => dig(copy, 'Region') === placed.stack.region);
      const keys = [
        ...textsAt(properties, 'KmsKeyId'),
        ...bucketKeys(properties),
        ...textsAt(here, 'SSESpecification', 'KMSMasterKeyId'),
      ];
      return { placed, arn: ownArn(placed, cloud), keys };
    },
  ),
);

function bucketKeys(properties: Record<string, unknown>): string[] {
  return textsAt(
    properties,
    'BucketEncryption',
    'ServerSideEncryptionConfiguration',
    0,
    'ServerSideEncryptionByDefault',
    'KMSMasterKeyID',
  );
}
