import { xmlElement, type XmlMarkup } from '../../storage/xml.ts';
import type { ObjectChecksum } from '../index/objects.ts';

/** How documents name a checksum of an algorithm. */
export function checksumElementName(algorithm: string): string {
  return `Checksum${algorithm.toUpperCase()}`;
}

/** An object's checksum, as documents tell it. */
export function checksumElements(checksum: ObjectChecksum | undefined): readonly XmlMarkup[] {
  if (!checksum) return [];
  return [
    xmlElement(checksumElementName(checksum.algorithm), checksum.value),
    xmlElement('ChecksumType', checksum.type),
  ];
}
