import type { Edge } from '../edge/edge.ts';
import { type AlarmDefinition, metric } from './alarm.ts';

/** CloudFront keeps its figures in one region, so that is where the alarms are. */
export function edgeAlarms({ distributionId }: Edge): AlarmDefinition[] {
  return [
    {
      id: 'EdgeServerErrors',
      says: 'More than 1 % of what CloudFront answers is a 5xx.',
      metric: metric(
        'AWS/CloudFront',
        '5xxErrorRate',
        { DistributionId: distributionId, Region: 'Global' },
        { statistic: 'Average' },
      ),
      above: 1,
    },
  ];
}
