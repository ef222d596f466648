import { Aws } from 'aws-cdk-lib';
import { CfnFlowLog } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

/** Who tried to get where and was not let through. What was let through, the services themselves log. */
export class FlowLog extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stage, vpcId }: { readonly stage: Stage; readonly vpcId: string },
  ) {
    super(scope, id);
    const logs = new LogGroup(this, 'Logs', { retention: stage.logRetention });
    const role = new Role(this, 'Role', {
      description: `Stowage ${stage.name}: writes the flow log`,
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        resources: [logs.logGroupArn],
      }),
    );
    new CfnFlowLog(this, 'Resource', {
      resourceType: 'VPC',
      resourceId: vpcId,
      trafficType: 'REJECT',
      logGroupName: logs.logGroupName,
      deliverLogsPermissionArn: role.roleArn,
    });
  }
}
