import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentDisposition } from '../../lib/downloads/content-disposition.ts';

describe('Content-Disposition', () => {
  test.each([
    [undefined, 'inline'],
    ['report.pdf', 'inline; filename="report.pdf"'],
    ['€ rates.txt', `inline; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`],
    [
      `say "hi" (100%).txt`,
      `inline; filename="say _hi_ (100_).txt"; filename*=UTF-8''say%20%22hi%22%20%28100%25%29.txt`,
    ],
  ])('%j', (filename, expected) => {
    expect(contentDisposition('inline', filename)).toBe(expected);
  });

  test('is a header of ASCII that gives the name back', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => text.isWellFormed() && !/[\p{Cc}/\\]/u.test(text));
    fc.assert(
      fc.property(name, (filename) => {
        const value = contentDisposition('attachment', filename);
        expect(value).toMatch(
          /^attachment; filename="[\x20-\x7e]*"(; filename\*=UTF-8''[\w!#$&+.^`|~%-]+)?$/,
        );
        const [, plain = '', , extended] =
          /^attachment; filename="([^"]*)"(; filename\*=UTF-8''(.*))?$/.exec(value) ?? [];
        expect(extended === undefined ? plain : decodeURIComponent(extended)).toBe(filename);
      }),
    );
  });
});
