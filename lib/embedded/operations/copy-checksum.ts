import { copyContent } from '../blobs/copy-content.ts';
import { readAlgorithm } from '../body/checksums.ts';
import { takeIn } from '../body/receive.ts';
import { createVerifier, storedBytes } from '../body/verify.ts';
import type { Services, SignedCall } from '../call.ts';
import type { ObjectChecksum, StoredObject } from '../index/objects.ts';

/**
 * The checksum of a copy for which `x-amz-checksum-algorithm` names another than its source has. Its bytes are read for
 * it. Nothing, where the copy keeps what the source has.
 *
 * @throws {@link Refusal} `InvalidRequest` for an unknown algorithm
 */
export async function newChecksumOfCopy(
  services: Services,
  { headers }: SignedCall,
  { contentId, sizeBytes, checksum }: StoredObject,
): Promise<ObjectChecksum | undefined> {
  const name = 'x-amz-checksum-algorithm';
  const wanted = headers.get(name);
  if (wanted === undefined) return undefined;
  const algorithm = readAlgorithm(name, wanted);
  if (algorithm === checksum?.algorithm) return undefined;
  const { blobs, intake } = services;
  const verifier = createVerifier(
    storedBytes,
    { md5: false, requested: undefined, checksum: algorithm },
    intake.hashing,
  );
  const nowhere = { write: async () => undefined };
  const release = blobs.hold(contentId);
  try {
    const digests = await takeIn(intake, verifier, nowhere, sizeBytes, async (bytes) => {
      if (sizeBytes > 0) await copyContent(services, contentId, { first: 0, last: sizeBytes - 1 }, bytes);
      return undefined;
    });
    return digests.checksum && { ...digests.checksum, type: 'FULL_OBJECT' };
  } finally {
    release();
  }
}
