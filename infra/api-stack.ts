import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import { bucketConnection, secretConnection } from './connections.ts';
import type { DataStack } from './data-stack.ts';
import { HttpFrontDoor } from './http-front-door.ts';
import { ServiceFunction } from './service-function.ts';
import type { Stage } from './stages.ts';

export interface ApiStackProps {
  readonly stage: Stage;
  readonly config: Config;
  readonly data: DataStack;
}

/** The service itself: one function behind an HTTP API. It holds no data. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { stage, config, data }: ApiStackProps) {
    super(scope, id, {
      description: `Stowage ${stage.name}: the API`,
      terminationProtection: stage.terminationProtection,
    });
    const { encryptionKey } = data;

    const api = new ServiceFunction(this, 'Api', {
      entry: 'api',
      description: 'Decides, signs and answers; bytes never pass through it',
      stage,
      config,
      memoryMegabytes: 512,
      // API Gateway gives up after 30 s: until then the function must have said what went wrong.
      timeout: Duration.seconds(29),
      ...(stage.reservedConcurrency !== undefined && { reservedConcurrency: stage.reservedConcurrency }),
    });
    api.connect(bucketConnection(this, data.buckets, encryptionKey));
    api.connect(secretConnection('STOWAGE_SIGNING_SECRET_ARN', data.signingSecret, encryptionKey));
    api.connect(secretConnection('STOWAGE_ROOT_KEY_SECRET_ARN', data.rootKeySecret, encryptionKey));

    const frontDoor = new HttpFrontDoor(this, 'FrontDoor', { handler: api.addAlias('live'), stage });
    new CfnOutput(this, 'Url', { description: 'Where the API answers', value: frontDoor.url });
  }
}
