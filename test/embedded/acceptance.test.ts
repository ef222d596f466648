import { describe } from 'vitest';
import { describeAttributes } from './acceptance/attributes.ts';
import { describeBuckets } from './acceptance/buckets.ts';
import { describeChecksums } from './acceptance/checksums.ts';
import { describeChunked } from './acceptance/chunked.ts';
import { describeForms } from './acceptance/forms.ts';
import { describeLifecycle } from './acceptance/lifecycle.ts';
import { describeListing } from './acceptance/listing.ts';
import { describeMultipart } from './acceptance/multipart.ts';
import { describeObjectLock } from './acceptance/object-lock.ts';
import { describeObjects } from './acceptance/objects.ts';
import { describeSignatures } from './acceptance/signatures.ts';
import { describeBucketSettings } from './acceptance/bucket-settings.ts';
import { describeVersioning } from './acceptance/versioning.ts';
import { masterKey, startStore } from './server.ts';

describe('the embedded store', () => {
  describeBuckets(startStore);
  describeBucketSettings(startStore);
  describeObjects(startStore);
  describeAttributes(startStore);
  describeMultipart(startStore);
  describeListing(startStore);
  describeChecksums(startStore);
  describeChunked(startStore);
  describeSignatures(startStore);
  describeForms(startStore);
  describeVersioning(startStore);
  describeObjectLock(startStore);
  describeLifecycle(startStore);
});

describe('the embedded store with a master key', () => {
  const startEncrypted = () => startStore({ masterKey });
  describeObjects(startEncrypted);
  describeMultipart(startEncrypted);
});
