import { idOf, put, remove, rewrite, type TemplateFault } from './fault.ts';

const lambda = 'AWS::Lambda::Function';
const stage = 'AWS::ApiGatewayV2::Stage';
const wired = 'whoever is wired to call may call';
const rule = 'AWS::Events::Rule';
const alarm = 'AWS::CloudWatch::Alarm';
const queue = 'AWS::SQS::Queue';
const eventRule = /^ObjectEventRule/;
const events = /^ObjectEventQueue(?!DeadLetters)/;
const eventPolicy = /^ObjectEventQueuePolicy/;
const throttles = /^FunctionThrottles/;

export const wiringFaults: readonly TemplateFault[] = [
  {
    name: 'the queue of invalidations shows a batch again while it is gathered',
    caughtBy: 'a queue hides a message for six times as long as its function may take',
    spoil: put(queue, 'VisibilityTimeout', 360, /^CdnInvalidationQueue(?!DeadLetters)/),
  },
  {
    name: 'a function runs on an old Node',
    caughtBy: 'functions run on Node 24 for ARM',
    spoil: put(lambda, 'Runtime', 'nodejs20.x'),
  },
  {
    name: 'a function runs on the dearer processor',
    caughtBy: 'functions run on Node 24 for ARM',
    spoil: put(lambda, 'Architectures', ['x86_64']),
  },
  {
    name: 'a handler is named that is not there',
    caughtBy: 'a handler is there',
    spoil: put(lambda, 'Handler', 'api.handle'),
  },
  {
    name: 'a function looks for its configuration elsewhere',
    caughtBy: 'a function finds its configuration',
    spoil: put(lambda, 'Environment.Variables.STOWAGE_CONFIG', 'stowage.json'),
  },
  {
    name: 'a function is not traced',
    caughtBy: 'functions are traced',
    spoil: put(lambda, 'TracingConfig.Mode', 'PassThrough'),
  },
  {
    name: 'logs are kept for ever',
    caughtBy: 'logs are kept for a time that is set',
    spoil: put('AWS::Logs::LogGroup', 'RetentionInDays', undefined),
  },
  {
    name: 'a function logs where Lambda likes',
    caughtBy: 'a function logs to a group of its stack',
    spoil: put(lambda, 'LoggingConfig.LogGroup', undefined),
  },
  {
    name: 'a function works on when the gateway has given up',
    caughtBy: 'the function gives up before the gateway does',
    spoil: put(lambda, 'Timeout', 60),
  },
  {
    name: 'the API takes whatever comes',
    caughtBy: 'an API takes no more than its throttle',
    spoil: put(stage, 'DefaultRouteSettings.ThrottlingBurstLimit', undefined),
  },
  {
    name: 'the API logs no requests',
    caughtBy: 'an API logs its requests',
    spoil: put(stage, 'AccessLogSettings.DestinationArn', undefined),
  },
  {
    name: 'the access log holds the tokens of queries',
    caughtBy: 'an access log holds no query, which may carry a token',
    spoil: put(stage, 'AccessLogSettings.Format', '$context.path $context.queryString'),
  },
  {
    name: 'requests go to the code that was deployed last',
    caughtBy: 'requests go to a version that can be taken back',
    spoil: (cloud) =>
      put('AWS::ApiGatewayV2::Integration', 'IntegrationUri', {
        'Fn::GetAtt': [idOf(cloud, lambda), 'Arn'],
      })(cloud),
  },
  {
    name: 'the gateway may not call the function',
    caughtBy: wired,
    spoil: remove('AWS::Lambda::Permission'),
  },
  {
    name: 'another API may call the function, and ours may not',
    caughtBy: wired,
    spoil: put(
      'AWS::Lambda::Permission',
      'SourceArn',
      'arn:aws:execute-api:eu-west-1:111122223333:other/*/*',
    ),
  },
  {
    name: 'the permission is for the function and not for the alias that is called',
    caughtBy: wired,
    spoil: (cloud) => put('AWS::Lambda::Permission', 'FunctionName', { Ref: idOf(cloud, lambda) })(cloud),
  },
  {
    name: 'every API of the world may call the function',
    caughtBy: 'a service is let in only on behalf of this account',
    spoil: put('AWS::Lambda::Permission', 'SourceArn', undefined),
  },
  {
    name: 'a rule waits for an event of another name',
    caughtBy: 'rules wait for events that AWS sends',
    spoil: put(rule, 'EventPattern.detail-type', ['Object Create'], eventRule),
  },
  {
    name: 'a rule waits for another sender',
    caughtBy: 'rules wait for events that AWS sends',
    spoil: put(rule, 'EventPattern.source', ['aws.s3api'], eventRule),
  },
  {
    name: 'a rule may not send to its queue',
    caughtBy: wired,
    spoil: remove('AWS::SQS::QueuePolicy', eventPolicy),
  },
  {
    name: 'the queue takes the events of another rule',
    caughtBy: wired,
    spoil: rewrite(
      'AWS::SQS::QueuePolicy',
      /\{"Fn::GetAtt":\["ObjectEventRule\w*","Arn"\]\}/,
      '"arn:aws:events:::other"',
      eventPolicy,
    ),
  },
  {
    name: 'a queue shows a message again while its function is at work',
    caughtBy: 'a queue hides a message for six times as long as its function may take',
    spoil: put(queue, 'VisibilityTimeout', 60, events),
  },
  {
    name: 'one bad message fails its batch',
    caughtBy: 'one bad message does not hold up its batch',
    spoil: put('AWS::Lambda::EventSourceMapping', 'FunctionResponseTypes', undefined),
  },
  {
    name: 'what cannot be delivered is lost',
    caughtBy: 'what cannot be delivered is kept for a person',
    spoil: put(queue, 'RedrivePolicy', undefined, events),
  },
  {
    name: 'what cannot be delivered is lost after a day',
    caughtBy: 'what cannot be delivered is kept for a person',
    spoil: put(queue, 'MessageRetentionPeriod', 86_400, /^ObjectEventQueueDeadLetters/),
  },
  {
    name: 'an alarm watches a metric that is not there',
    caughtBy: 'alarms watch metrics that AWS has',
    spoil: put(alarm, 'MetricName', 'Throttled', throttles),
  },
  {
    name: 'an alarm watches the wrong namespace',
    caughtBy: 'alarms watch metrics that AWS has',
    spoil: put(alarm, 'Namespace', 'AWS/lambda', throttles),
  },
  {
    name: 'an alarm watches a metric of ours that nobody writes',
    caughtBy: 'an alarm of our own metric has a filter or a function that writes it',
    spoil: remove('AWS::Logs::MetricFilter'),
  },
  {
    name: 'an alarm rings where nobody hears it',
    caughtBy: 'every alarm tells somebody',
    spoil: put(alarm, 'AlarmActions', undefined, throttles),
  },
  {
    name: 'CodeDeploy forgets the alarms of a new version',
    caughtBy: 'every alarm tells somebody',
    spoil: put('AWS::CodeDeploy::DeploymentGroup', 'AlarmConfiguration.Alarms', []),
  },
  {
    name: 'an alarm may not publish to its topic',
    caughtBy: wired,
    spoil: rewrite('AWS::SNS::TopicPolicy', '"cloudwatch.amazonaws.com"', '"events.amazonaws.com"'),
  },
];
