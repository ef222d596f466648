import type { ByteSink } from '../body/byte-sink.ts';
import type { Services } from '../call.ts';
import type { ByteRange } from '../ranges.ts';
import { stretchesOf } from './content-reader.ts';

/** Brings a range of a content, which must be held, to a sink. */
export async function copyContent(
  { index, blobs, intake }: Pick<Services, 'index' | 'blobs' | 'intake'>,
  contentId: number,
  range: ByteRange,
  sink: ByteSink,
): Promise<void> {
  const inline = index.contents.inline(contentId);
  if (inline) {
    await sink.write(inline.subarray(range.first, range.last + 1));
    return;
  }
  const buffer = intake.buffers.take(range.last - range.first + 1);
  try {
    for (const { file, offset, sizeBytes } of stretchesOf(index.contents.pieces(contentId), range)) {
      const handle = await blobs.open(file);
      try {
        for (let done = 0; done < sizeBytes;) {
          const wanted = Math.min(buffer.length, sizeBytes - done);
          const { bytesRead } = await handle.read(buffer, 0, wanted, offset + done);
          if (bytesRead === 0) throw new Error('A file of the store is shorter than the index says.');
          await sink.write(buffer.subarray(0, bytesRead));
          done += bytesRead;
        }
      } finally {
        await handle.close();
      }
    }
  } finally {
    intake.buffers.give(buffer);
  }
}
