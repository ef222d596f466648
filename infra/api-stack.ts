import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Service, type ServiceProps } from './api/service.ts';
import { StageStack } from './stage-stack.ts';

/** The service, which holds no data: this stack may go and come again. */
export class ApiStack extends StageStack {
  readonly service: Service;

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id, { stage: props.stage, description: 'the API' });
    this.service = new Service(this, 'Default', props);
    new CfnOutput(this, 'Url', { description: 'Where the API answers', value: this.service.url });
  }
}
