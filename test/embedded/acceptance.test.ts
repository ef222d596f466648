import { describe } from 'vitest';
import { describeBuckets } from './acceptance/buckets.ts';
import { describeMultipart } from './acceptance/multipart.ts';
import { describeObjects } from './acceptance/objects.ts';
import { startStore } from './server.ts';

describe('the embedded store', () => {
  describeBuckets(startStore);
  describeObjects(startStore);
  describeMultipart(startStore);
});
