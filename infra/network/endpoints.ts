import { Aws } from 'aws-cdk-lib';
import { CfnVPCEndpoint } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { apiUse, eventUse, maintenanceUse, recordActions } from '../lambda/connections.ts';
import type { StoredData } from '../data/stored-data.ts';

/** What may be done with what, by way of an endpoint. */
interface Passage {
  /** As in the name of the endpoint: `sqs`. */
  readonly service: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

interface EndpointsProps {
  readonly vpcId: string;
  readonly routeTableId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly data: StoredData;
  readonly flags: boolean;
}

/**
 * The ways out of the network. S3 and DynamoDB have gateways, which cost nothing; every other service has an interface
 * in each subnet, which costs by the hour. What may pass is bound to this account and, where data is, to this stage's.
 */
export function addEndpoints(scope: Construct, props: EndpointsProps): void {
  const { vpcId, routeTableId, subnetIds, securityGroupId, data, flags } = props;
  const { signingSecret, rootKeySecret, originSecrets, cdnKeySecrets, table } = data;
  const buckets = [...data.buckets.values()];

  const gateways: readonly Passage[] = [
    {
      service: 's3',
      actions: [...new Set([apiUse, eventUse, maintenanceUse].flatMap((use) => Object.values(use).flat()))],
      resources: buckets.flatMap((bucket) => [bucket.bucketArn, bucket.arnForObjects('*')]),
    },
    { service: 'dynamodb', actions: recordActions, resources: [table.arn] },
  ];
  for (const gateway of gateways) {
    new CfnVPCEndpoint(scope, gateway.service, {
      vpcId,
      serviceName: `com.amazonaws.${Aws.REGION}.${gateway.service}`,
      vpcEndpointType: 'Gateway',
      routeTableIds: [routeTableId],
      policyDocument: onlyFor(gateway),
    });
  }

  const secrets: Passage = {
    service: 'secretsmanager',
    // The other three are those of the rotation.
    actions: [
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    resources: [signingSecret, rootKeySecret, ...originSecrets, ...cdnKeySecrets.values()].map(
      ({ arn }) => arn,
    ),
  };
  const queueing: Passage = {
    service: 'sqs',
    // Lambda itself receives and deletes; the others are to put off, and to set aside.
    actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:SendMessage'],
    // They come after the network, and their names with them.
    resources: ['*'],
  };
  const reading: Passage = {
    service: 'appconfigdata',
    actions: ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'],
    // They come after the network, too.
    resources: ['*'],
  };
  for (const passage of [secrets, queueing, ...(flags ? [reading] : [])]) {
    new CfnVPCEndpoint(scope, passage.service, {
      vpcId,
      serviceName: `com.amazonaws.${Aws.REGION}.${passage.service}`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [...subnetIds],
      securityGroupIds: [securityGroupId],
      policyDocument: onlyFor(passage),
    });
  }
}

/** Which of the callers may do it, their roles say; here, that they are of this account, and what passes at all. */
function onlyFor({ actions, resources }: Passage): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: [...actions],
        resources: [...resources],
        conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
      }),
    ],
  });
}
