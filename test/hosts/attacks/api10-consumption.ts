import { expect, test } from 'vitest';
import { deleteAnswer, listAnswer, objectAnswer } from '../../../lib/objects/schema.ts';
import type { Api } from '../suite/host.ts';

/** Is what storage gives back believed to be more than the data that it is? */
export function consumptionAttacks(api: Api): void {
  test.each([
    ['markup', '</Key><Key>consumed/evil</Key>'],
    ['an entity', '&lt;evil&gt;&amp;&#x2e;'],
    ['an entity of a document type', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;'],
    ['a section of character data', '<![CDATA[evil]]>'],
    ['the end of a list', '</Contents></ListBucketResult>'],
    ['percent signs', '%3CKey%3E%2F..%2F'],
    ['a plus', 'a+b c'],
    ['quotes', `'"\``],
    ['SQL', `'; DROP TABLE objects; --`],
    ['wildcards of SQL', '%_*?[a-z]'],
    ['a script', '<script>alert(1)</script>'],
    ['a formula', '=HYPERLINK("https://evil.example")'],
  ])('a key of %s is listed as that key and no other', async (_, text) => {
    const key = `consumed/${text}`;
    await api.store(key, 'x');
    const prefix = encodeURIComponent(key);
    const { objects } = await api.ask(listAnswer, 'GET', `/v1/objects/files?prefix=${prefix}`);
    expect(objects.map((object) => object.key)).toEqual([key]);
    const { results } = await api.ask(deleteAnswer, 'POST', '/v1/objects/files/delete', { keys: [key] });
    expect(results).toEqual([{ key, deleted: true }]);
    expect((await api.ask(listAnswer, 'GET', `/v1/objects/files?prefix=${prefix}`)).objects).toEqual([]);
  });

  test.each([
    ['markup', '</x><script>'],
    ['an encoded word', '=?UTF-8?B?PHNjcmlwdD4=?='],
    ['half an encoded word', '=?UTF-8?Q?a'],
    ['another charset', '=?ISO-8859-1?Q?=E4?='],
    ['spaces around it', '  a  '],
    ['a prototype', '__proto__'],
  ])('metadata of %s comes back as it was', async (_, text) => {
    await api.store('consumed/metadata', 'x', { metadata: { a: text } });
    const { metadata } = await api.ask(objectAnswer, 'GET', '/v1/objects/files/consumed/metadata');
    expect(metadata).toEqual({ a: text });
  });
}
