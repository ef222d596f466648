import { Aws, Fn, Stack } from 'aws-cdk-lib';
import {
  CfnAccount,
  CfnDeployment,
  CfnMethod,
  CfnResource,
  CfnRestApi,
  CfnStage,
} from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accessLogEntry, type FrontDoor, type FrontDoorMetrics, type FrontDoorProps } from './front-door.ts';

/** A regional REST API that hands every request to one function, within the throttle of the stage. */
export class RestFrontDoor extends Construct implements FrontDoor {
  readonly apiId: string;
  readonly apiStage = 'live';
  readonly host: string;
  readonly basePath = `/${this.apiStage}`;
  readonly accessLogs: LogGroup;
  readonly metrics: FrontDoorMetrics;

  constructor(scope: Construct, id: string, { handler, stage }: FrontDoorProps) {
    super(scope, id);
    const name = `Stowage ${stage.name}`;
    const api = new CfnRestApi(this, 'Api', {
      name,
      endpointConfiguration: { types: ['REGIONAL'] },
      // Bodies as they come, in base64.
      binaryMediaTypes: ['*/*'],
    });
    const anyPath = new CfnResource(this, 'EveryPath', {
      restApiId: api.ref,
      parentId: api.attrRootResourceId,
      pathPart: '{path+}',
    });
    const integration: CfnMethod.IntegrationProperty = {
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: Stack.of(this).formatArn({
        service: 'apigateway',
        account: 'lambda',
        resource: 'path/2015-03-31/functions',
        resourceName: `${handler.functionArn}/invocations`,
      }),
    };
    const methods = [api.attrRootResourceId, anyPath.ref].map(
      (resourceId, index) =>
        new CfnMethod(this, index === 0 ? 'Root' : 'Anything', {
          restApiId: api.ref,
          resourceId,
          httpMethod: 'ANY',
          // The service itself knows its callers.
          authorizationType: 'NONE',
          integration,
        }),
    );
    new CfnPermission(this, 'MayCallFunction', {
      action: 'lambda:InvokeFunction',
      functionName: handler.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: api.ref,
        resourceName: `${this.apiStage}/*`,
      }),
    });
    const deployment = new CfnDeployment(this, 'Deployment', { restApiId: api.ref });
    for (const method of methods) deployment.addResourceDependency(method);

    this.accessLogs = new LogGroup(this, 'AccessLogs', { retention: stage.logRetention });
    const apiStage = new CfnStage(this, 'Stage', {
      restApiId: api.ref,
      deploymentId: deployment.ref,
      stageName: this.apiStage,
      tracingEnabled: true,
      methodSettings: [
        {
          resourcePath: '/*',
          httpMethod: '*',
          throttlingRateLimit: stage.throttle.requestsPerSecond,
          throttlingBurstLimit: stage.throttle.burstRequests,
        },
      ],
      accessLogSetting: {
        destinationArn: this.accessLogs.logGroupArn,
        format: JSON.stringify(accessLogEntry),
      },
    });
    apiStage.addResourceDependency(this.letApisLog());

    this.apiId = api.ref;
    this.host = Fn.join('.', [api.ref, 'execute-api', Aws.REGION, Aws.URL_SUFFIX]);
    this.metrics = {
      clientErrors: '4XXError',
      serverErrors: '5XXError',
      dimensions: { ApiName: name, Stage: this.apiStage },
    };
  }

  /** REST APIs log by one role of the whole account and region. */
  private letApisLog(): CfnAccount {
    const role = new Role(this, 'LogsRole', {
      description: 'API Gateway writes the access logs of REST APIs',
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:DescribeLogGroups',
          'logs:DescribeLogStreams',
          'logs:FilterLogEvents',
          'logs:GetLogEvents',
          'logs:PutLogEvents',
        ],
        // API Gateway refuses a role that could log for some of the account's APIs only.
        resources: ['*'],
      }),
    );
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    account.node.addDependency(role);
    return account;
  }
}
