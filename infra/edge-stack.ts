import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Edge, type EdgeProps } from './edge/edge.ts';
import { AlarmTopic } from './ops/alarm-topic.ts';
import { addAlarm } from './ops/alarm.ts';
import { edgeAlarms } from './ops/edge-alarms.ts';
import { StageStack } from './stage-stack.ts';
import { edgeRegion } from './stages.ts';

/** CloudFront and what belongs to it. It has to be in one region, wherever the stage is at home. */
export class EdgeStack extends StageStack {
  readonly edge: Edge;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    const { stage } = props;
    super(scope, id, { stage, description: 'CloudFront, firewall, console', region: edgeRegion });
    this.edge = new Edge(this, 'Default', props);
    if (stage.alarmAddress !== undefined) {
      const topic = new AlarmTopic(this, 'Topic', { stage, address: stage.alarmAddress });
      for (const definition of edgeAlarms(this.edge)) addAlarm(this, topic, definition);
    }
    new CfnOutput(this, 'Url', { description: 'Where everything is to be had', value: this.edge.url });
    new CfnOutput(this, 'DistributionId', {
      description: 'CloudFront distribution',
      value: this.edge.distributionId,
    });
  }
}
