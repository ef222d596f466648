import type { Services } from '../call.ts';
import type { Piece } from '../index/contents.ts';
import { createContentWriter } from './content-writer.ts';
import { openStretch, readStretch } from './stretches.ts';

/** A content written once more, which the index does not know of yet. */
export interface RewrittenContent {
  readonly contentId: number;
  /** Enters it into the index. Belongs into a commit. */
  readonly record: () => void;
  /** Gives up what was not recorded. */
  readonly drop: () => void;
}

/** Writes a content once more, in the same pieces, as the store writes today: encrypted, where it encrypts. */
export async function rewriteContent(
  { index, blobs, intake }: Pick<Services, 'index' | 'blobs' | 'intake'>,
  source: number,
): Promise<RewrittenContent> {
  const contentId = index.contents.newId();
  const inline = index.contents.inline(source);
  const written: Piece[] = [];
  const drop = () => blobs.discard(written.map(({ file }) => file));

  async function rewrite(piece: Piece): Promise<void> {
    const { partNumber, sizeBytes } = piece;
    const writer = createContentWriter(blobs, { contentId, partNumber, mayInline: false });
    const buffer = intake.buffers.take(sizeBytes);
    try {
      const stretch = { piece, from: 0, until: sizeBytes };
      const file = await openStretch(blobs, stretch);
      await readStretch(
        file,
        stretch,
        () => buffer,
        (bytes) => writer.write(bytes, false),
      );
      await writer.write(Buffer.alloc(0), true);
      const { dataKey: _, ...described } = piece;
      const result = await writer.finish();
      if ('file' in result) written.push({ ...described, ...result });
    } catch (error) {
      await writer.abandon({ remove: true });
      throw error;
    } finally {
      intake.buffers.give(buffer);
    }
  }

  const release = blobs.hold(source);
  try {
    for (const piece of index.contents.pieces(source)) await rewrite(piece);
  } catch (error) {
    drop();
    throw error;
  } finally {
    release();
  }
  return {
    contentId,
    record: () => {
      if (inline) index.contents.addInline(contentId, inline);
      for (const piece of written) index.contents.putPiece(contentId, piece);
    },
    drop,
  };
}
