import { xmlElement, type XmlMarkup } from '../../storage/xml.ts';

export const ownerId = 'stowage';

/** All objects belong to the store's one owner. */
export function owner(element: 'Owner' | 'Initiator'): XmlMarkup {
  return xmlElement(element, [xmlElement('ID', ownerId), xmlElement('DisplayName', ownerId)]);
}
