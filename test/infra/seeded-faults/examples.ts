import type { Cloud, CloudResource } from '../verification/cloud.ts';
import { idOf, on } from './fault.ts';

/**
 * Resources as a stage could have them, so that the checks of what no stage has yet can be tried. As they stand here
 * no check finds anything against them.
 */
export function addExamples(cloud: Cloud): void {
  const api = cloud.stacks.find(({ name }) => name.endsWith('-Api'));
  if (!api) throw new Error('There is no stack for the examples.');
  const text = JSON.stringify(eventResources).replace(
    'FUNCTION',
    idOf(cloud, 'AWS::Lambda::Function', /^Api/),
  );
  Object.assign(api.template.Resources, JSON.parse(text));
  on(
    'AWS::IAM::Policy',
    (properties) => {
      Object(properties['PolicyDocument']).Statement.push({
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        Resource: arn('Events'),
      });
    },
    /^ApiRole/,
  )(cloud);
}

/** `FUNCTION` stands for the logical id of the API's function. */
const eventResources: Readonly<Record<string, CloudResource>> = {
  Letters: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
  Events: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      VisibilityTimeout: 180,
      RedrivePolicy: { deadLetterTargetArn: arn('Letters'), maxReceiveCount: 5 },
    },
  },
  EventsPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Events' }],
      PolicyDocument: letIn('events.amazonaws.com', 'sqs:SendMessage', 'Events', 'EventsRule'),
    },
  },
  EventsRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.s3'], 'detail-type': ['Object Created', 'Object Deleted'] },
      Targets: [{ Id: 'Queue', Arn: arn('Events') }],
    },
  },
  EventsMapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: arn('Events'),
      FunctionName: { Ref: 'FUNCTION' },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    },
  },
};

function arn(id: string): object {
  return { 'Fn::GetAtt': [id, 'Arn'] };
}

function letIn(service: string, action: string, target: string, source: string): object {
  return {
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: action,
        Resource: arn(target),
        Condition: { ArnEquals: { 'aws:SourceArn': arn(source) } },
      },
    ],
  };
}
