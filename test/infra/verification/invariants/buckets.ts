import { resourcesOf } from '../cloud.ts';
import { dig, listAt, textsAt } from '../dig.ts';
import { placeOf } from '../finding.ts';
import { arnsNamedBy } from '../iam/named-resources.ts';
import { ownArn } from '../iam/resource-policies.ts';
import { propertiesOf } from '../resolve.ts';
import { each, type Invariant } from './invariant.ts';

const publicAccessBlocks = [
  'BlockPublicAcls',
  'BlockPublicPolicy',
  'IgnorePublicAcls',
  'RestrictPublicBuckets',
];

/** That buckets are private, encrypted and tidy, and open only to the pages that are named. */
export const bucketInvariants: Readonly<Record<string, Invariant>> = {
  'buckets block public access': each(['AWS::S3::Bucket'], (properties) => {
    const open = publicAccessBlocks.filter(
      (name) => dig(properties, 'PublicAccessBlockConfiguration', name) !== true,
    );
    return open.length > 0 ? `lacks ${open.join(', ')}` : undefined;
  }),

  'buckets know no access lists': each(['AWS::S3::Bucket'], (properties) =>
    dig(properties, 'AccessControl') === undefined &&
    dig(properties, 'OwnershipControls', 'Rules', 0, 'ObjectOwnership') === 'BucketOwnerEnforced'
      ? undefined
      : 'takes access lists',
  ),

  'buckets are encrypted, and ask for a data key once': each(['AWS::S3::Bucket'], (properties) => {
    const [rule] = listAt(properties, 'BucketEncryption', 'ServerSideEncryptionConfiguration');
    const algorithm = dig(rule, 'ServerSideEncryptionByDefault', 'SSEAlgorithm');
    if (algorithm === undefined) return 'has no encryption of its own';
    return algorithm === 'aws:kms' && dig(rule, 'BucketKeyEnabled') !== true
      ? 'has no bucket key'
      : undefined;
  }),

  'uploads that nobody finished are dropped within a week': each(['AWS::S3::Bucket'], (properties) => {
    const days = listAt(properties, 'LifecycleConfiguration', 'Rules')
      .filter((rule) => dig(rule, 'Status') === 'Enabled' && dig(rule, 'Prefix') === undefined)
      .map((rule) => Number(dig(rule, 'AbortIncompleteMultipartUpload', 'DaysAfterInitiation')));
    return days.some((count) => count <= 7) ? undefined : 'keeps the parts of unfinished uploads';
  }),

  'old versions do not pile up': each(['AWS::S3::Bucket'], (properties) => {
    if (dig(properties, 'VersioningConfiguration', 'Status') !== 'Enabled') return undefined;
    const limited = listAt(properties, 'LifecycleConfiguration', 'Rules').some(
      (rule) => dig(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays') !== undefined,
    );
    return limited ? undefined : 'keeps every version for ever';
  }),

  'accesses to objects are logged': (cloud) => {
    const buckets = resourcesOf(cloud, 'AWS::S3::Bucket').map((placed) => ({
      placed,
      properties: propertiesOf(placed, cloud),
    }));
    const logged = (properties: unknown) =>
      dig(properties, 'LoggingConfiguration', 'LogFilePrefix') !== undefined;
    const isLogBucket = (id: string) => /Logs/i.test(id);
    return buckets
      .filter(({ placed, properties }) => !isLogBucket(placed.id) && !logged(properties))
      .map(({ placed }) => ({ at: placeOf(placed), message: 'has no access log' }));
  },

  'a bucket of objects tells EventBridge of them': (cloud) => {
    const named = new Set(
      resourcesOf(cloud, 'AWS::Lambda::Function').flatMap((placed) =>
        arnsNamedBy(
          dig(propertiesOf(placed, cloud), 'Environment', 'Variables', 'STOWAGE_S3_BUCKET_NAMES'),
          cloud,
        ),
      ),
    );
    return resourcesOf(cloud, 'AWS::S3::Bucket')
      .filter((placed) => named.has(ownArn(placed, cloud)))
      .filter(
        (placed) =>
          dig(
            propertiesOf(placed, cloud),
            'NotificationConfiguration',
            'EventBridgeConfiguration',
            'EventBridgeEnabled',
          ) !== true,
      )
      .map((placed) => ({ at: placeOf(placed), message: 'sends no events' }));
  },

  'pages of every origin are let in nowhere': each(
    ['AWS::S3::Bucket', 'AWS::ApiGatewayV2::Api', 'AWS::CloudFront::ResponseHeadersPolicy'],
    (properties) => {
      const origins = [
        ...listAt(properties, 'CorsConfiguration', 'CorsRules').flatMap((rule) =>
          textsAt(rule, 'AllowedOrigins'),
        ),
        ...textsAt(properties, 'CorsConfiguration', 'AllowOrigins'),
        ...textsAt(
          properties,
          'ResponseHeadersPolicyConfig',
          'CorsConfig',
          'AccessControlAllowOrigins',
          'Items',
        ),
      ];
      const wide = origins.filter((origin) => /^(?:https?:\/\/)?\*$/.test(origin));
      return wide.length > 0 ? `lets in ${wide.join(', ')}` : undefined;
    },
  ),

  'S3 is asked to expose only headers that it can name': each(['AWS::S3::Bucket'], (properties) => {
    const exposed = listAt(properties, 'CorsConfiguration', 'CorsRules').flatMap((rule) =>
      textsAt(rule, 'ExposedHeaders'),
    );
    const wild = exposed.filter((name) => name.includes('*'));
    return wild.length > 0 ? `exposes ${wild.join(', ')}, which S3 refuses` : undefined;
  }),
};
