import type { FileHandle } from 'node:fs/promises';
import { blockBytes, checkBlocks, DamagedContent, tableBytes } from './block-sums.ts';

/** A stored file that hands out no byte without having checked it. */
export interface CheckedFile {
  /**
   * Reads whole blocks, from the beginning of one.
   *
   * @param buffer - bounds how many at a time; holds at least one
   * @param until - the bytes from here on are not asked for
   * @throws {@link DamagedContent}
   */
  readonly read: (buffer: Buffer, position: number, until: number) => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

/**
 * Takes over an open file.
 *
 * @param sizeBytes - of the content, as the index knows it
 * @throws {@link DamagedContent} where the file's size is another
 */
export async function openCheckedFile(handle: FileHandle, sizeBytes: number): Promise<CheckedFile> {
  try {
    const { size } = await handle.stat();
    if (size !== sizeBytes + tableBytes(sizeBytes)) {
      throw new DamagedContent('A stored file has another size than the index says.');
    }
    const table = Buffer.allocUnsafe(tableBytes(sizeBytes));
    await fill(handle, table, sizeBytes);
    return {
      read: async (buffer, position, until) => {
        const room = Math.floor(buffer.length / blockBytes);
        const blocks = Math.min(room, Math.ceil((until - position) / blockBytes));
        const bytes = buffer.subarray(0, Math.min(blocks * blockBytes, sizeBytes - position));
        await fill(handle, bytes, position);
        checkBlocks(bytes, table.subarray(tableBytes(position)));
        return bytes;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function fill(handle: FileHandle, buffer: Buffer, position: number): Promise<void> {
  for (let done = 0; done < buffer.length;) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw new DamagedContent('A stored file ends too early.');
    done += bytesRead;
  }
}
