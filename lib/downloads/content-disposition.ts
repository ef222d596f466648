/** How a browser is to treat the bytes. */
export type Disposition = 'inline' | 'attachment';

/**
 * The value of `Content-Disposition` (RFC 6266): an ASCII name for old readers and, where it differs, the true one in
 * the extended form of RFC 8187.
 *
 * @param filename - control characters must not stand in it
 */
export function contentDisposition(disposition: Disposition, filename?: string): string {
  if (filename === undefined) return disposition;
  const ascii = filename.replaceAll(/[^\x20-\x7e]/gu, '_').replaceAll(/["\\%]/g, '_');
  const extended = ascii === filename ? '' : `; filename*=UTF-8''${extendedValue(filename)}`;
  return `${disposition}; filename="${ascii}"${extended}`;
}

/** `attr-char` of RFC 8187 stays; all else is percent-encoded. */
function extendedValue(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
