import { parseXml as parseDocument, XmlElement, XmlError } from '@rgrove/parse-xml';

/**
 * The little XML that S3 speaks: elements with text, no attributes that matter, no mixed content.
 *
 * Entities of a document type are never expanded, so that a small document cannot grow.
 */

/** @throws {@link XmlSyntaxError} */
export function parseXml(text: string, maxDepth = 32): XmlNode {
  try {
    // XML asks for this before parsing (§2.11). The parser would do it later, in quadratic time.
    const { root } = parseDocument(text.replaceAll(/\r\n?/g, '\n'));
    if (!root) throw new XmlSyntaxError('The document has no element.');
    return toNode(root, maxDepth);
  } catch (error) {
    // The first line only: behind it stands an excerpt of the document.
    if (error instanceof XmlError) throw new XmlSyntaxError(error.message.slice(0, 200).split('\n')[0]);
    if (error instanceof RangeError) throw new XmlSyntaxError('The document is nested too deeply.');
    throw error;
  }
}

export class XmlSyntaxError extends Error {
  override readonly name = 'XmlSyntaxError';
}

/** An element: its local name, its text, its child elements in order. */
export class XmlNode {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlNode[];

  constructor(name: string, text: string, children: readonly XmlNode[]) {
    this.name = name;
    this.text = text;
    this.children = children;
  }

  /** The first child of this name. */
  child(name: string): XmlNode | undefined {
    return this.children.find((node) => node.name === name);
  }

  /** The text of the first child of this name. */
  value(name: string): string | undefined {
    return this.child(name)?.text;
  }

  all(name: string): XmlNode[] {
    return this.children.filter((node) => node.name === name);
  }
}

function toNode(element: XmlElement, depthLeft: number): XmlNode {
  if (depthLeft === 0) throw new XmlSyntaxError('The document is nested too deeply.');
  const children = element.children.filter((child) => child instanceof XmlElement);
  return new XmlNode(
    element.name.slice(element.name.indexOf(':') + 1),
    children.length === 0 ? element.text : '',
    children.map((child) => toNode(child, depthLeft - 1)),
  );
}

/** What {@link xmlElement} takes as content: text, numbers, or elements already made. */
export type XmlContent = string | number | boolean | readonly XmlContent[] | XmlMarkup | undefined;

/** Finished markup, told apart from text that still must be escaped. */
export class XmlMarkup {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** An element with escaped content. An `undefined` content makes no element at all. */
export function xmlElement(name: string, content: XmlContent, attributes = ''): XmlMarkup {
  if (content === undefined) return new XmlMarkup('');
  return new XmlMarkup(`<${name}${attributes}>${toMarkup(content)}</${name}>`);
}

export function xmlDocument(root: XmlMarkup): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.markup}`;
}

function toMarkup(content: XmlContent): string {
  if (content === undefined) return '';
  if (content instanceof XmlMarkup) return content.markup;
  if (typeof content === 'object') return content.map(toMarkup).join('');
  return escapeXml(String(content));
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Control characters go as references, as S3 itself writes them: a carriage return would be read back as a line feed,
 * and most of the others may not stand in XML at all.
 */
function escapeXml(text: string): string {
  return text.replaceAll(
    /[&<>"\p{Cc}\ufffe\uffff]/gu,
    (character) => escapes[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}
