import { xmlElement, type XmlMarkup } from '../../storage/xml.ts';

/** All objects belong to the store's one owner. */
export function owner(element: 'Owner' | 'Initiator'): XmlMarkup {
  return xmlElement(element, [xmlElement('ID', 'stowage'), xmlElement('DisplayName', 'stowage')]);
}
