/**
 * User metadata as S3 carries it: in headers, so in ASCII. Anything else is an RFC 2047 encoded word, as S3 itself
 * returns it, and so is what a header would not keep: outer and double spaces, and a text that looks encoded already.
 */

const prefix = 'x-amz-meta-';
const plain = /^(?! )(?!.* {2})(?!.*=\?)[\x20-\x7e]*(?<! )$/;
const encodedWord = /=\?utf-8\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi;

/** The headers that store these entries. */
export function toMetadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [prefix + name.toLowerCase(), encodeHeaderText(value)]),
  );
}

/** The entries that stand in an answer's headers. */
export function fromMetadataHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(prefix) && typeof value === 'string')
      metadata[name.slice(prefix.length)] = decodeHeaderText(value);
  }
  return metadata;
}

function encodeHeaderText(text: string): string {
  return plain.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function decodeHeaderText(text: string): string {
  return text.replaceAll(encodedWord, (_, encoding: string, word: string) =>
    encoding.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString() : decodeQuotedPrintable(word),
  );
}

function decodeQuotedPrintable(word: string): string {
  const bytes = word
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
