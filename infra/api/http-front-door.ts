import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accessLogEntry, type FrontDoor, type FrontDoorMetrics, type FrontDoorProps } from './front-door.ts';

/**
 * An HTTP API that hands every request to one function, within the throttle of the stage. It checks no tokens itself: its
 * authorizers know OIDC alone, and the service takes API keys and delegated tokens in the same header.
 */
export class HttpFrontDoor extends Construct implements FrontDoor {
  readonly apiId: string;
  readonly apiStage = '$default';
  readonly host: string;
  readonly basePath = '';
  readonly accessLogs: LogGroup;
  readonly metrics: FrontDoorMetrics;

  constructor(scope: Construct, id: string, { handler, stage }: FrontDoorProps) {
    super(scope, id);
    const api = new CfnApi(this, 'Api', { name: `Stowage ${stage.name}`, protocolType: 'HTTP' });
    const integration = new CfnIntegration(this, 'Function', {
      apiId: api.ref,
      integrationType: 'AWS_PROXY',
      integrationUri: handler.functionArn,
      payloadFormatVersion: '2.0',
    });
    new CfnRoute(this, 'EveryRoute', {
      apiId: api.ref,
      routeKey: '$default',
      target: `integrations/${integration.ref}`,
    });
    new CfnPermission(this, 'MayCallFunction', {
      action: 'lambda:InvokeFunction',
      functionName: handler.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: api.ref,
        resourceName: '*/*',
      }),
    });
    this.accessLogs = new LogGroup(this, 'AccessLogs', { retention: stage.logRetention });
    new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: this.apiStage,
      autoDeploy: true,
      defaultRouteSettings: {
        throttlingRateLimit: stage.throttle.requestsPerSecond,
        throttlingBurstLimit: stage.throttle.burstRequests,
      },
      accessLogSettings: {
        destinationArn: this.accessLogs.logGroupArn,
        format: JSON.stringify(accessLogEntry),
      },
    });
    this.apiId = api.ref;
    this.host = Fn.join('.', [api.ref, 'execute-api', Aws.REGION, Aws.URL_SUFFIX]);
    this.metrics = { clientErrors: '4xx', serverErrors: '5xx', dimensions: { ApiId: api.ref } };
  }
}
