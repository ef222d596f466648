import { xmlElement, type XmlMarkup, type XmlNode } from '../storage/xml.ts';
import { Refusal } from './refusal.ts';

export type Tags = Readonly<Record<string, string>>;

/** S3's limits. */
export const maxObjectTags = 10;
export const maxBucketTags = 50;

/**
 * Reads `a=1&b=2`.
 *
 * @throws {@link Refusal} `InvalidTag`
 */
export function readTagHeader(text: string): Tags {
  return text === '' ? {} : checkTags([...new URLSearchParams(text)], maxObjectTags);
}

/**
 * Reads a `Tagging` document.
 *
 * @throws {@link Refusal} `MalformedXML` or `InvalidTag`
 */
export function readTagDocument(document: XmlNode | undefined, maxTags: number): Tags {
  const set = document?.name === 'Tagging' ? document.child('TagSet') : undefined;
  if (!set) throw new Refusal('MalformedXML');
  return readTagSet(set, maxTags);
}

/**
 * Reads the `Tag` elements of a set, whatever its name.
 *
 * @throws {@link Refusal} `MalformedXML` or `InvalidTag`
 */
export function readTagSet(set: XmlNode, maxTags: number): Tags {
  const pairs = set.all('Tag').map((tag): [string, string] => {
    const name = tag.value('Key');
    const value = tag.value('Value');
    if (name === undefined || value === undefined) throw new Refusal('MalformedXML');
    return [name, value];
  });
  return checkTags(pairs, maxTags);
}

export function tagSetElement(tags: Tags): XmlMarkup {
  return xmlElement(
    'TagSet',
    Object.entries(tags).map(([name, value]) =>
      xmlElement('Tag', [xmlElement('Key', name), xmlElement('Value', value)]),
    ),
  );
}

/** Of any script, with the few signs that S3 takes. */
const tagText = /^[\p{L}\p{M}\p{N}\p{Z}+\-=._:/@]*$/u;

function checkTags(pairs: readonly (readonly [string, string])[], maxTags: number): Tags {
  const tags = Object.fromEntries(pairs);
  const fits = pairs.every(
    ([name, value]) =>
      name !== '' &&
      name.length <= 128 &&
      value.length <= 256 &&
      tagText.test(name) &&
      tagText.test(value) &&
      // Those are the provider's own.
      !/^aws:/i.test(name),
  );
  if (fits && pairs.length <= maxTags && Object.keys(tags).length === pairs.length) return tags;
  throw new Refusal('InvalidTag');
}
