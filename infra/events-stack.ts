import type { Construct } from 'constructs';
import { Workers, type WorkersProps } from './events/workers.ts';
import { StageStack } from './stage-stack.ts';

/** The functions that follow changes in the buckets, deliver webhooks, clean up and rotate. */
export class EventsStack extends StageStack {
  readonly workers: Workers;

  constructor(scope: Construct, id: string, props: WorkersProps) {
    super(scope, id, { stage: props.stage, description: 'events, webhooks, scheduled work' });
    this.workers = new Workers(this, 'Default', props);
  }
}
