import { expect, test } from 'vitest';
import { resolve } from './resolve.ts';
import { functionOf, resourcesOfType, synthesize, type Template } from './templates.ts';

const { data, api, stacks } = synthesize('prod');
const network: Template = stacks['Network'] ?? data;

test('there is no way to the internet', () => {
  const types = Object.values(network.Resources).map(({ Type }) => Type);
  expect(types).not.toContain('AWS::EC2::InternetGateway');
  expect(types).not.toContain('AWS::EC2::NatGateway');
  expect(types).not.toContain('AWS::EC2::Route');
});

test('there are two subnets, in two zones, whose addresses do not overlap', () => {
  const subnets = resourcesOfType(network, 'AWS::EC2::Subnet').map(([, { Properties }]) => Properties);
  expect(subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(
    [0, 1].map((index) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] })),
  );
  expect(new Set(subnets.map(({ CidrBlock }) => JSON.stringify(CidrBlock))).size).toBe(2);
});

test('the ways out lead to S3, DynamoDB, Secrets Manager, SQS and AppConfig, and there to what is of this stage', () => {
  const endpoints = resourcesOfType(network, 'AWS::EC2::VPCEndpoint').map(([, { Properties }]) =>
    resolve(Properties, [network, data]),
  );
  const allowed = endpoints.map(({ ServiceName, VpcEndpointType, PolicyDocument }) => [
    ServiceName,
    VpcEndpointType,
    PolicyDocument?.Statement.flatMap(({ Resource }) => Resource).toSorted(),
  ]);
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
  expect(allowed).toEqual([
    [
      'com.amazonaws.eu-west-1.s3',
      'Gateway',
      ['media', 'media/*', 'plain', 'plain/*'].map((name) => `arn:aws:s3:::Buckets${name}`),
    ],
    [
      'com.amazonaws.eu-west-1.dynamodb',
      'Gateway',
      ['arn:aws:dynamodb:eu-west-1:111122223333:table/Records'],
    ],
    [
      'com.amazonaws.eu-west-1.secretsmanager',
      'Interface',
      ['CdnKey1', 'OriginSecret1', 'RootKey', 'SigningSecret'].map((name) => `${secret}${name}`),
    ],
    // The queues come after the network, and their names with them.
    ['com.amazonaws.eu-west-1.sqs', 'Interface', ['*']],
    ['com.amazonaws.eu-west-1.appconfigdata', 'Interface', ['*']],
  ]);
  for (const { PolicyDocument } of endpoints) {
    for (const { Action, Condition } of PolicyDocument?.Statement ?? []) {
      expect([Action].flat().filter((action) => action.includes('*'))).toEqual([]);
      expect(Condition).toEqual({ StringEquals: { 'aws:PrincipalAccount': '111122223333' } });
    }
  }
});

test('only the functions reach the endpoints, and only by HTTPS', () => {
  const groups = Object.fromEntries(resourcesOfType(network, 'AWS::EC2::SecurityGroup'));
  expect(groups['Endpoints']?.Properties).toMatchObject({
    SecurityGroupIngress: [
      {
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        SourceSecurityGroupId: { 'Fn::GetAtt': ['Functions', 'GroupId'] },
      },
    ],
  });
  expect(groups['Functions']?.Properties).not.toHaveProperty('SecurityGroupIngress');
  expect(groups['Functions']?.Properties['SecurityGroupEgress']).toHaveLength(1);
});

test('the API function is in it', () => {
  const { VpcConfig } = functionOf(api, 'api').Properties;
  expect(resolve(Object(VpcConfig), [api, network])).toEqual({
    SubnetIds: ['Subnet0', 'Subnet1'],
    SecurityGroupIds: ['Functions'],
  });
});
