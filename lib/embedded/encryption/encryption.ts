import { createSecretKey, randomBytes } from 'node:crypto';
import { type BlockCoding, DamagedContent } from '../blobs/block-coding.ts';
import { plainBlocks } from '../blobs/plain-blocks.ts';
import { encryptedBlocks } from './encrypted-blocks.ts';
import type { MasterKey } from './master-key.ts';

/**
 * Encryption at rest with envelope keys: each piece of a content has a data key of its own, which stands in the index,
 * wrapped by the master key and bound to the place of that piece. Without a master key, bodies are written as they are.
 */
export interface Encryption {
  /** Whether what is written now is encrypted. */
  readonly isOn: boolean;
  /** For something that is about to be written, with a new key. */
  readonly begin: () => NewCoding;
  /**
   * For something stored.
   *
   * @param place - as {@link placeOfPiece} or {@link placeOfInline} names it
   * @param dataKey - wrapped; absent for what is not encrypted
   * @throws {@link DamagedContent} where the key is not this place's
   */
  readonly codingOf: (place: string, dataKey: Buffer | undefined) => BlockCoding;
}

export interface NewCoding {
  readonly coding: BlockCoding;
  /** The wrapped key, for the index to keep. */
  readonly dataKeyFor: (place: string) => Buffer | undefined;
}

const withoutKey: NewCoding = { coding: plainBlocks, dataKeyFor: () => undefined };

export function createEncryption(masterKey: MasterKey | undefined): Encryption {
  return {
    isOn: masterKey !== undefined,
    begin: () => {
      if (!masterKey) return withoutKey;
      const dataKey = randomBytes(32);
      return {
        coding: encryptedBlocks(createSecretKey(dataKey)),
        dataKeyFor: (place) => masterKey.wrap(dataKey, place),
      };
    },
    codingOf: (place, dataKey) => {
      if (!dataKey) return plainBlocks;
      if (!masterKey) throw new DamagedContent('A stored content is encrypted, and there is no master key.');
      return encryptedBlocks(createSecretKey(masterKey.unwrap(dataKey, place)));
    },
  };
}

/** Another file, in another position, or of another size, is another place. */
export function placeOfPiece({
  partNumber,
  file,
  sizeBytes,
}: {
  readonly partNumber: number;
  readonly file: string;
  readonly sizeBytes: number;
}): string {
  return `piece ${partNumber} ${file} ${sizeBytes}`;
}

export function placeOfInline(contentId: number): string {
  return `inline ${contentId}`;
}
