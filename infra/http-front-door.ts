import { Stack } from 'aws-cdk-lib';
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type Alias, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Stage } from './stages.ts';

export interface HttpFrontDoorProps {
  /** Takes the requests, in payload format 2.0. */
  readonly handler: Alias;
  readonly stage: Stage;
}

/** An HTTP API that hands every request to one function, within the throttle of the stage. */
export class HttpFrontDoor extends Construct {
  /** Where the API answers, without a path. */
  readonly url: string;

  constructor(scope: Construct, id: string, { handler, stage }: HttpFrontDoorProps) {
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
    const accessLogs = new LogGroup(this, 'AccessLogs', { retention: stage.logRetention });
    new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: {
        throttlingRateLimit: stage.throttle.requestsPerSecond,
        throttlingBurstLimit: stage.throttle.burstRequests,
      },
      accessLogSettings: {
        destinationArn: accessLogs.logGroupArn,
        format: JSON.stringify(accessLogEntry),
      },
    });
    this.url = api.attrApiEndpoint;
  }
}

/** Paths without their queries: a query may carry a token. */
const accessLogEntry = {
  time: '$context.requestTimeEpoch',
  requestId: '$context.requestId',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  responseMilliseconds: '$context.responseLatency',
  integrationMilliseconds: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  sourceIp: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
};
