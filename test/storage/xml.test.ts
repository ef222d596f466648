import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseXml,
  xmlDocument,
  xmlElement,
  type XmlMarkup,
  type XmlNode,
  XmlSyntaxError,
} from '../../lib/storage/xml.ts';

/** All that XML 1.0 can carry (§2.2), its own syntax well represented. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '&',
        '<',
        '>',
        '"',
        "'",
        '\r',
        '\n',
        '\r\n',
        '\t',
        ' ',
        ']]>',
        '&amp;',
        '<!--',
        '&#13;',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join('').replaceAll(/(?![\t\n\r\u007f-\u009f])\p{Cc}|[\ufffe\uffff]/gu, ''));

test('text comes back as it was', () => {
  fc.assert(
    fc.property(text, (text) => {
      expect(parseXml(xmlDocument(xmlElement('Key', text))).text).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

interface Tree {
  readonly name: string;
  readonly content: string | readonly Tree[];
}

const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: fc.constantFrom('Contents', 'Key', 'a', 'x-y'),
    content: fc.oneof({ maxDepth: 4 }, text, fc.array(tie('tree'), { minLength: 1, maxLength: 4 })),
  }),
})).tree;

const toMarkup = ({ name, content }: Tree): XmlMarkup =>
  xmlElement(name, typeof content === 'string' ? content : content.map(toMarkup));
const toTree = ({ name, text, children }: XmlNode): Tree => ({
  name,
  content: children.length === 0 ? text : children.map(toTree),
});

test('elements come back in their order', () => {
  fc.assert(
    fc.property(tree, (tree) => {
      expect(toTree(parseXml(xmlDocument(toMarkup(tree))))).toEqual(tree);
    }),
  );
});

test('content may be absent, a number, a truth value', () => {
  expect(
    xmlElement('a', [xmlElement('b', undefined), xmlElement('c', 7), xmlElement('d', true)]).markup,
  ).toBe('<a><c>7</c><d>true</d></a>');
  expect(xmlElement('a', 'x', ' xmlns="urn:y"').markup).toBe('<a xmlns="urn:y">x</a>');
});

test('what may not stand in XML is written as S3 writes it', () => {
  expect(xmlElement('Key', 'a\u0001\r\uffff').markup).toBe('<Key>a&#x1;&#xD;&#xFFFF;</Key>');
});

test('name spaces are dropped, white space between elements means nothing', () => {
  const node = parseXml(
    '<?xml version="1.0"?>\r\n<s3:A xmlns:s3="urn:x">\r\n  <s3:B>1</s3:B>\r\n  <C/>\r\n</s3:A>',
  );
  expect(node).toEqual({
    name: 'A',
    text: '',
    children: [
      { name: 'B', text: '1', children: [] },
      { name: 'C', text: '', children: [] },
    ],
  });
  expect([node.value('B'), node.value('C'), node.value('D')]).toEqual(['1', '', undefined]);
});

test.each([
  ['nothing', ''],
  ['no element', 'hello'],
  ['two roots', '<a/><a/>'],
  ['a missing end', '<a><b></a>'],
  ['a raw ampersand', '<a>a&b</a>'],
  ['an unknown entity', '<a>&eacute;</a>'],
  ['an entity of a document type', '<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>'],
  ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>'],
  ['a forbidden character', '<a>\u0001</a>'],
  ['too many levels', '<a>'.repeat(33) + '</a>'.repeat(33)],
])('%s is refused', (_name, document) => {
  expect(() => parseXml(document)).toThrow(XmlSyntaxError);
});

const twoMebibytesOf = (text: string) => text.repeat(Math.ceil(2 ** 21 / text.length));

function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** What any of the documents below may take. Half a second is usual at most; quadratic time would need minutes. */
const maxCpuSeconds = 2;

test.each([
  ['start tags', twoMebibytesOf('<a>')],
  ['nested elements', '<a>'.repeat(300_000) + '</a>'.repeat(300_000)],
  ['opening brackets', `<a>${twoMebibytesOf('<')}`],
  ['attributes', `<a ${twoMebibytesOf('b="c" ')}/>`],
  ['a tag name', `<${twoMebibytesOf('a')}`],
  ['an entity name', `<a>&${twoMebibytesOf('x')}</a>`],
  ['entities of a document type', `<!DOCTYPE a [${twoMebibytesOf('<!ENTITY x "&x;&x;">')}`],
  ['white space', twoMebibytesOf(' ')],
  ['junk', twoMebibytesOf('💣]]>')],
])('2 MiB of %s are refused at once, in a short message', (_name, document) => {
  let refusal: unknown;
  const seconds = cpuSeconds(() => {
    try {
      parseXml(document);
    } catch (error) {
      refusal = error;
    }
  });
  expect(refusal).toBeInstanceOf(XmlSyntaxError);
  expect(String(refusal).length).toBeLessThan(300);
  expect(seconds).toBeLessThan(maxCpuSeconds);
});

test.each([
  ['text', 'x', 'x'],
  ['line ends', 'x\r', 'x\n'],
  ['entities', '&amp;', '&'],
  ['comments', '<!---->', ''],
  ['CDATA', '<![CDATA[<]]>', '<'],
])('2 MiB of %s are read at once', (_name, written, read) => {
  const document = `<a>${twoMebibytesOf(written)}</a>`;
  let text = '';
  const seconds = cpuSeconds(() => ({ text } = parseXml(document)));
  expect(text === read.repeat(Math.ceil(2 ** 21 / written.length))).toBe(true);
  expect(seconds).toBeLessThan(maxCpuSeconds);
});
