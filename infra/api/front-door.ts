import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Stage } from '../stages.ts';

export interface FrontDoorProps {
  readonly handler: Alias;
  readonly stage: Stage;
}

/** What takes the requests and hands them to the function. */
export interface FrontDoor {
  readonly apiId: string;
  /** The API's own stage, as other resources refer to it. */
  readonly apiStage: string;
  /** Where it answers, without a scheme. */
  readonly host: string;
  /** What comes before every path: `''`, or `/name`. */
  readonly basePath: string;
  readonly accessLogs: LogGroup;
  readonly metrics: FrontDoorMetrics;
}

/** What CloudWatch calls the figures of this kind of API. */
export interface FrontDoorMetrics {
  readonly clientErrors: string;
  readonly serverErrors: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One line of the access log. Paths without their queries: a query may carry a token. */
export const accessLogEntry = {
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
