import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { stageNamed } from '../../infra/stages.ts';
import { permissionsOf } from './permissions.ts';
import { resolve } from './resolve.ts';
import {
  everything,
  functionOf,
  onlyResource,
  resourcesOfType,
  synthesize,
  type Template,
} from './templates.ts';

const config = {
  buckets: {
    media: { versioning: true, cdn: { cacheSeconds: 600 } },
    flat: { cdn: {} },
    closed: {},
  },
  access: { corsOrigins: ['https://app.example.com'] },
};
const { data, api, stacks } = synthesize('prod', config, everything);
const edge: Template = stacks['Edge'] ?? data;
const templates: [Template, ...Template[]] = [edge, data, api];
const { DistributionConfig } = onlyResource(edge, 'AWS::CloudFront::Distribution').Properties;
const distribution = Object(DistributionConfig);
const behaviors: Record<string, unknown>[] = distribution.CacheBehaviors;
const behaviorOf = (path: string) => behaviors.find(({ PathPattern }) => PathPattern === path);
const origins: Record<string, unknown>[] = distribution.Origins;

describe('the distribution', () => {
  test('speaks HTTP/3, IPv6, and TLS 1.2 at least, under its own name', () => {
    expect(distribution).toMatchObject({
      HttpVersion: 'http2and3',
      IPV6Enabled: true,
      Aliases: ['files.example.com'],
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
      WebACLId: { 'Fn::GetAtt': [expect.stringMatching(/^FirewallAcl/), 'Arn'] },
    });
    const names = resourcesOfType(edge, 'AWS::Route53::RecordSet').map(
      ([, { Properties }]) => Properties['Type'],
    );
    expect(names).toEqual(['A', 'AAAA', 'HTTPS']);
  });

  test('lets nobody in by plain HTTP, and compresses', () => {
    for (const behavior of [...behaviors, distribution.DefaultCacheBehavior]) {
      expect(behavior).toMatchObject({
        ViewerProtocolPolicy: expect.stringMatching(/^(?:https-only|redirect-to-https)$/),
        Compress: true,
        ResponseHeadersPolicyId: expect.anything(),
      });
    }
  });

  test('has these paths', () => {
    expect(behaviors.map(({ PathPattern, TargetOriginId }) => [PathPattern, TargetOriginId])).toEqual([
      ['/v1/*', 'api'],
      ['/health/*', 'api'],
      ['/openapi.json', 'api'],
      ['/o/media/*', 'bucket-media-or-replica'],
      ['/o/flat/*', 'bucket-flat'],
    ]);
    expect(distribution.DefaultCacheBehavior.TargetOriginId).toBe('console');
  });
});

describe('before the API', () => {
  test('nothing is cached, and everything handed on but the host', () => {
    expect(behaviorOf('/v1/*')).toMatchObject({
      AllowedMethods: expect.arrayContaining(['PUT', 'POST', 'PATCH', 'DELETE']),
      // AWS's CachingDisabled and AllViewerExceptHostHeader.
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
    });
  });

  test('CloudFront shows the secret of the newest generation, which the template does not hold', () => {
    const origin = origins.find(({ Id }) => Id === 'api');
    const [{ HeaderName, HeaderValue }] = resolve(Object(origin)['OriginCustomHeaders'], templates);
    expect(HeaderName).toBe('x-stowage-origin');
    expect(HeaderValue).toBe(
      '{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:OriginSecret1:SecretString:::}}',
    );
  });

  test('two generations are good while one follows the other', () => {
    const prod = stageNamed('prod');
    const rotating = synthesize(
      { ...prod, ...(prod.edge && { edge: { ...prod.edge, originSecretGenerations: [2, 1] } }) },
      config,
    );
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
    const { Variables } = Object(functionOf(rotating.api, 'api').Properties['Environment']);
    const variables = resolve(Variables, [rotating.api, rotating.data]);
    expect(variables.STOWAGE_ORIGIN_SECRET_ARNS).toBe(`${secret}OriginSecret2,${secret}OriginSecret1`);
    expect(JSON.stringify(rotating.stacks['Edge'])).toContain('OriginSecret2');
    expect(JSON.stringify(rotating.stacks['Edge'])).not.toContain('OriginSecret1');
  });
});

describe('before the buckets', () => {
  test('there is no way without a signature', () => {
    for (const path of ['/o/media/*', '/o/flat/*']) {
      expect(behaviorOf(path)).toMatchObject({
        TrustedKeyGroups: [{ 'Fn::ImportValue': expect.stringMatching(/^Stowage-prod-Api:.*CdnKeysGroup/) }],
        AllowedMethods: ['GET', 'HEAD', 'OPTIONS'],
      });
    }
    expect(behaviorOf('/o/closed/*')).toBeUndefined();
  });

  test('the key is made when it is deployed, where nobody sees it', () => {
    const { PublicKeyConfig } = onlyResource(api, 'AWS::CloudFront::PublicKey').Properties;
    expect(PublicKeyConfig).toEqual({
      Name: 'stowage-prod-1',
      CallerReference: 'stowage-prod-1',
      EncodedKey: { 'Fn::GetAtt': [expect.stringMatching(/^CdnKeysMade1/), 'PublicKey'] },
    });
  });

  test('the API signs by the first generation, and CloudFront knows both', () => {
    const prod = stageNamed('prod');
    const rotating = synthesize(
      { ...prod, ...(prod.edge && { edge: { ...prod.edge, signingKeyGenerations: [1, 2] } }) },
      config,
    );
    const { KeyGroupConfig } = onlyResource(rotating.api, 'AWS::CloudFront::KeyGroup').Properties;
    const [first, second] = ['CdnKeysKey1', 'CdnKeysKey2'].map((id) => ({
      Ref: expect.stringMatching(new RegExp(`^${id}`)),
    }));
    expect(KeyGroupConfig).toMatchObject({ Items: [first, second] });
    const { Variables } = Object(functionOf(rotating.api, 'api').Properties['Environment']);
    expect(Variables.STOWAGE_CDN_KEY_PAIR_ID).toEqual(first);
    expect(resolve(Variables, [rotating.api, rotating.data]).STOWAGE_CDN_KEY_SECRET_ARN).toMatch(/:CdnKey1$/);
    expect(Variables.STOWAGE_CDN_ORIGIN).toBe('https://files.example.com');
  });

  test('each is cached as long as its rules say', () => {
    const policies = resourcesOfType(edge, 'AWS::CloudFront::CachePolicy').map(([, { Properties }]) => {
      const { Name, DefaultTTL, MaxTTL } = Object(Properties['CachePolicyConfig']);
      return [Name, DefaultTTL, MaxTTL];
    });
    expect(policies).toEqual([
      ['stowage-prod-media', 600, 600],
      ['stowage-prod-flat', 86_400, 86_400],
    ]);
  });

  test('the cache tells the buckets apart, though a function takes them off the path', () => {
    const name = 'x-stowage-bucket';
    const sent = { uri: '/o/media/a', headers: { [name]: { value: 'flat' } } };
    expect(afterFunction('objectpaths', sent)).toEqual({
      uri: '/a',
      headers: { [name]: { value: 'media' } },
    });
    for (const [, { Properties }] of resourcesOfType(edge, 'AWS::CloudFront::CachePolicy')) {
      const { ParametersInCacheKeyAndForwardedToOrigin: inKey } = Object(Properties['CachePolicyConfig']);
      expect(inKey).toMatchObject({
        HeadersConfig: { HeaderBehavior: 'whitelist', Headers: [name] },
        QueryStringsConfig: {
          QueryStringBehavior: 'whitelist',
          QueryStrings: ['response-content-disposition'],
        },
      });
    }
  });

  test('what the bucket fails to give, its copy gives', () => {
    expect(distribution.OriginGroups.Items).toEqual([
      {
        Id: 'bucket-media-or-replica',
        FailoverCriteria: { StatusCodes: { Quantity: 4, Items: [500, 502, 503, 504] } },
        Members: {
          Quantity: 2,
          Items: [{ OriginId: 'bucket-media' }, { OriginId: 'bucket-media-replica' }],
        },
      },
    ]);
    const copy = origins.find(({ Id }) => Id === 'bucket-media-replica');
    expect(resolve(Object(copy).DomainName, templates)).toBe(
      'stowage-prod-media-111122223333-replica.s3.us-west-2.amazonaws.com',
    );
  });

  test('each lets CloudFront of this account fetch, and its key decrypt; others do not', () => {
    const condition = {
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:cloudfront::111122223333:distribution/*' },
    };
    const letIn = resourcesOfType(data, 'AWS::S3::BucketPolicy').flatMap(([, { Properties }]) =>
      resolve(Properties.PolicyDocument?.Statement ?? [], [data]).filter(({ Principal }) =>
        JSON.stringify(Principal).includes('cloudfront'),
      ),
    );
    expect(letIn).toEqual(
      ['media', 'flat'].map((name) => ({
        Effect: 'Allow',
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Resource: `arn:aws:s3:::Buckets${name}/*`,
        Condition: condition,
      })),
    );
    const key = resolve(onlyResource(data, 'AWS::KMS::Key').Properties.KeyPolicy?.Statement ?? [], [data]);
    expect(key).toContainEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Resource: '*',
      Condition: condition,
    });
  });

  test('pages of the configured origins may read, and no others', () => {
    const { ResponseHeadersPolicyConfig } =
      resourcesOfType(edge, 'AWS::CloudFront::ResponseHeadersPolicy').find(([id]) =>
        id.includes('objects'),
      )?.[1].Properties ?? {};
    expect(ResponseHeadersPolicyConfig).toMatchObject({
      CorsConfig: { AccessControlAllowOrigins: { Items: ['https://app.example.com'] } },
      SecurityHeadersConfig: { ContentSecurityPolicy: { ContentSecurityPolicy: 'sandbox' } },
    });
  });
});

/** What a function of CloudFront makes of a request. */
function afterFunction(name: string, request: object) {
  const [, resource] =
    resourcesOfType(edge, 'AWS::CloudFront::Function').find(([id]) => id.includes(name)) ?? [];
  const code = String(resource?.Properties['FunctionCode']);
  return runInNewContext(`${code}\nhandler({ request: ${JSON.stringify(request)} })`);
}

test('the API hears by what name it was called, whatever the caller says', () => {
  const host = { value: 'files.example.com' };
  const sent = { uri: '/v1/me', headers: { host, 'x-stowage-viewer-host': { value: 'evil.example' } } };
  expect(afterFunction('viewerhost', sent).headers).toEqual({ host, 'x-stowage-viewer-host': host });
  for (const path of ['/v1/*', '/health/*']) {
    expect(JSON.stringify(behaviorOf(path)?.['FunctionAssociations'])).toContain('viewerhost');
  }
});

test.each(['/o/media/a/../b', '/o/media/..', '/o/media/%2E%2e/b', '/o/media/./b'])(
  'no address goes beside the prefix that it was signed for: %s',
  (uri) => {
    expect(afterFunction('objectpaths', { uri })).toMatchObject({ statusCode: 400 });
  },
);

test.each([
  ['objectpaths', '/o/media/a/b.mp4', '/a/b.mp4'],
  ['objectpaths', '/o/media/o/media/x', '/o/media/x'],
  ['consolepaths', '/docs', '/docs.html'],
  ['consolepaths', '/', '/'],
  ['consolepaths', '/assets/main-A1B2.js', '/assets/main-A1B2.js'],
])('%s: %s is %s at the origin', (name, path, expected) => {
  expect(afterFunction(name, { uri: path, headers: {} }).uri).toBe(expected);
});

test('the firewall has the managed rules, and a limit for each address', () => {
  const { Rules, Scope } = onlyResource(edge, 'AWS::WAFv2::WebACL').Properties;
  expect(Scope).toBe('CLOUDFRONT');
  expect(Rules).toMatchObject([
    { Statement: { RateBasedStatement: { Limit: 5_000, AggregateKeyType: 'IP' } }, Action: { Block: {} } },
    { Name: 'AWSManagedRulesAmazonIpReputationList' },
    { Name: 'AWSManagedRulesKnownBadInputsRuleSet' },
    { Name: 'AWSManagedRulesCommonRuleSet' },
  ]);
});

test('the log of requests holds no query and no cookie', () => {
  const { RecordFields } = onlyResource(edge, 'AWS::Logs::Delivery').Properties;
  expect(RecordFields).toContain('cs-uri-stem');
  expect(String(RecordFields)).not.toMatch(/query|cookie|referer/i);
});

test('the function that publishes the console may put files there, and nothing else', () => {
  const { ConsolePublisherRoleDefaultPolicy: permissions = [] } = permissionsOf(templates);
  const logs = 'arn:aws:logs:eu-west-1:111122223333:log-group:ConsolePublisherLogs:*';
  expect(permissions).toEqual(
    [
      's3:PutObject arn:aws:s3:::ConsoleBucket/*',
      `logs:CreateLogStream ${logs}`,
      `logs:PutLogEvents ${logs}`,
      'xray:PutTelemetryRecords *',
      'xray:PutTraceSegments *',
    ].toSorted(),
  );
});

test('a stage at home elsewhere reads across regions what it cannot import', () => {
  const { stacks: far } = synthesize({ ...stageNamed('staging'), region: 'eu-central-1' }, config);
  const text = JSON.stringify(far['Edge']);
  expect(text).toContain('Fn::GetStackOutput');
  expect(text).not.toContain('Fn::ImportValue');
  const secret = resourcesOfType(far['Data'] ?? data, 'AWS::SecretsManager::Secret').find(([id]) =>
    id.startsWith('OriginSecret'),
  );
  expect(secret?.[1].Properties).toMatchObject({ ReplicaRegions: [{ Region: 'us-east-1' }] });
});

test('a stage without a firewall and a domain has neither', () => {
  const { stacks: plain } = synthesize('staging', { buckets: { files: {} } });
  const types = Object.values(plain['Edge']?.Resources ?? {}).map(({ Type }) => Type);
  for (const type of ['WAFv2::WebACL', 'CertificateManager::Certificate', 'CloudFront::KeyGroup']) {
    expect(types).not.toContain(`AWS::${type}`);
  }
});
