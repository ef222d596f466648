import type { ByteSink } from '../body/byte-sink.ts';
import type { Services } from '../call.ts';
import type { ByteRange } from '../ranges.ts';
import { openStretch, readStretch, stretchesOf } from './stretches.ts';

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
    for (const stretch of stretchesOf(index.contents.pieces(contentId), range)) {
      await readStretch(await openStretch(blobs, stretch), stretch, () => buffer, sink.write);
    }
  } finally {
    intake.buffers.give(buffer);
  }
}
