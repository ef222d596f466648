import { S3Error } from './errors.ts';
import type { XmlNode } from './xml.ts';

/** Reads what S3's answers have in common. */

/** @throws {@link S3Error} `UnexpectedAnswer` where it is absent */
export function required(node: XmlNode, name: string): string {
  const value = node.value(name);
  if (value === undefined) throw new S3Error(0, 'UnexpectedAnswer', `storage's ${node.name} has no ${name}`);
  return value;
}

/** Where the next page begins; undefined on the last one. */
export function nextOf(page: XmlNode, marker: string): string | undefined {
  return page.value('IsTruncated') === 'true' ? required(page, marker) : undefined;
}

/** `encoding-type=url` writes a space as `+`. */
export function decodeKey(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
