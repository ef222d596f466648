import { processLanes } from '../../lib/webhooks/lanes.ts';
import { lanesSuite } from './lanes.ts';

lanesSuite('of one process', async () => {
  const lanes = processLanes();
  return [lanes, lanes];
});
