import { UnsettledChange } from '../../sqlite/group-commit.ts';
import { createContentWriter, type NewContent } from '../blobs/content-writer.ts';
import type { BatchSink } from '../body/batches.ts';
import type { Digests } from '../body/verify.ts';
import type { Services } from '../call.ts';
import { opaqueEtag } from '../etag.ts';

/** A body that is on disk, and what it proved to be. */
export interface Received {
  readonly sizeBytes: number;
  /** MD5 in hex, or of a large body anything. */
  readonly etag: string;
  readonly checksum: Digests['checksum'];
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/**
 * Writes a body to disk, then lets the index know of it. If either fails, nothing is stored.
 *
 * @param fill - streams the body into the sink
 * @param record - enters what has been received into the index, in one transaction with the content itself
 */
export async function writeContent<T>(
  { index, blobs, now }: Services,
  content: NewContent,
  fill: (sink: BatchSink) => Promise<Digests>,
  record: (received: Received, replacedFile: string | undefined) => T,
): Promise<T> {
  const { contentId, partNumber } = content;
  const writer = createContentWriter(blobs, content);
  try {
    const { md5: etag = opaqueEtag(), checksum } = await fill(writer);
    const written = await writer.finish();
    const received = { sizeBytes: writer.sizeBytes(), etag, checksum, receivedAt: now().getTime() };
    return await index.commit(() => {
      if ('inline' in written) {
        if (written.inline.length > 0) index.contents.addInline(contentId, written.inline);
        return record(received, undefined);
      }
      const replacedFile = index.contents.putPiece(contentId, {
        partNumber,
        sizeBytes: received.sizeBytes,
        etag,
        ...(checksum && { checksum: checksum.value }),
        receivedAt: received.receivedAt,
        file: written.file,
        ...(written.dataKey && { dataKey: written.dataKey }),
      });
      return record(received, replacedFile);
    });
  } catch (error) {
    // Where the index may refer to the file, it stays: if it is an orphan, the next start collects it.
    await writer.abandon({ remove: !(error instanceof UnsettledChange) });
    throw error;
  }
}
