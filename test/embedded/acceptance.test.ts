import { describe } from 'vitest';
import { describeBuckets } from './acceptance/buckets.ts';
import { describeForms } from './acceptance/forms.ts';
import { describeMultipart } from './acceptance/multipart.ts';
import { describeObjects } from './acceptance/objects.ts';
import { describeSignatures } from './acceptance/signatures.ts';
import { startStore } from './server.ts';

describe('the embedded store', () => {
  describeBuckets(startStore);
  describeObjects(startStore);
  describeMultipart(startStore);
  describeSignatures(startStore);
  describeForms(startStore);
});
