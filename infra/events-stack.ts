import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Workers, type WorkersProps } from './events/workers.ts';
import type { Edge } from './edge/edge.ts';
import { homeValue } from './edge/home-value.ts';
import { StageStack } from './stage-stack.ts';

export interface EventsStackProps extends Omit<WorkersProps, 'cdn'> {
  /** Where the stage has CloudFront. */
  readonly edge?: Edge | undefined;
}

/** The functions that follow changes in the buckets, deliver webhooks, clean up and rotate. */
export class EventsStack extends StageStack {
  readonly workers: Workers;

  constructor(scope: Construct, id: string, { edge, ...props }: EventsStackProps) {
    super(scope, id, { stage: props.stage, description: 'events, webhooks, scheduled work' });
    const buckets = Object.entries(props.config.buckets).flatMap(([name, { cdn }]) => (cdn ? [name] : []));
    this.workers = new Workers(this, 'Default', {
      ...props,
      ...(edge &&
        buckets.length > 0 && {
          cdn: {
            distributionId: homeValue(this, Stack.of(edge), 'DistributionId', edge.distributionId),
            buckets,
          },
        }),
    });
  }
}
