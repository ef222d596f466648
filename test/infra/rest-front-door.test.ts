import { expect, test } from 'vitest';
import { stageNamed } from '../../infra/stages.ts';
import { resolve } from './resolve.ts';
import { onlyResource, resourcesOfType, synthesize } from './templates.ts';

const { api } = synthesize({ ...stageNamed('dev'), frontDoor: 'rest' });

test('a REST API hands every method of every path to the live version', () => {
  const methods = resourcesOfType(api, 'AWS::ApiGateway::Method').map(([, { Properties }]) => Properties);
  expect(methods).toHaveLength(2);
  for (const method of methods) {
    expect(method).toMatchObject({
      HttpMethod: 'ANY',
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' },
    });
    expect(JSON.stringify(method['Integration'])).toMatch(/"Ref":"ApiAliaslive/);
  }
  expect(onlyResource(api, 'AWS::ApiGateway::Resource').Properties).toMatchObject({ PathPart: '{path+}' });
});

test('within the throttle of the stage, traced, and logged without queries', () => {
  const stage = onlyResource(api, 'AWS::ApiGateway::Stage').Properties;
  expect(stage).toMatchObject({
    StageName: 'live',
    TracingEnabled: true,
    MethodSettings: [{ ResourcePath: '/*', ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 }],
  });
  const { Format } = Object(stage['AccessLogSetting']);
  expect(JSON.parse(Format)).toMatchObject({ status: '$context.status' });
  expect(Format).not.toMatch(/query/i);
});

test('nobody else may call the function', () => {
  const { FunctionName: _, ...permission } = resolve(
    onlyResource(api, 'AWS::Lambda::Permission').Properties,
    [api],
  );
  expect(permission).toEqual({
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: 'arn:aws:execute-api:eu-west-1:111122223333:FrontDoorApi/live/*',
  });
});

test('the API is public, and there is one stage of it', () => {
  expect(onlyResource(api, 'AWS::ApiGateway::RestApi').Properties).toMatchObject({
    EndpointConfiguration: { Types: ['REGIONAL'] },
    BinaryMediaTypes: ['*/*'],
  });
});
