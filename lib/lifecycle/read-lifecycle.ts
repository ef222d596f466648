import * as v from 'valibot';
import type { XmlNode } from '../storage/xml.ts';
import type { NewLifecycleRule } from './rule.ts';
import { lifecycleRules } from './schema.ts';

/** A document that is no `LifecycleConfiguration`. */
export class MalformedLifecycle extends Error {
  override readonly name = 'MalformedLifecycle';
}

/** Rules whose document is in order, but not what they say. */
export class InvalidLifecycle extends Error {
  override readonly name = 'InvalidLifecycle';
  /** S3's code. */
  readonly code: 'InvalidArgument' | 'InvalidRequest';

  constructor(code: InvalidLifecycle['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Reads S3's `LifecycleConfiguration`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
 * @throws {@link MalformedLifecycle} or {@link InvalidLifecycle}, for its first fault
 */
export function readLifecycle(document: XmlNode): NewLifecycleRule[] {
  const nodes = allowed(document, ['Rule']).all('Rule');
  if (document.name !== 'LifecycleConfiguration' || nodes.length === 0) {
    throw new MalformedLifecycle('A lifecycle configuration has at least one rule.');
  }
  const result = v.safeParse(lifecycleRules, nodes.map(readRule));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue)?.replace(/^(\d+)\.?/, (_, index) => `rule ${Number(index) + 1}: `) ?? '';
  throw new InvalidLifecycle(
    issue.type === 'check' ? 'InvalidRequest' : 'InvalidArgument',
    `${place} ${issue.message}`,
  );
}

function readRule(rule: XmlNode): unknown {
  allowed(rule, [
    'ID',
    'Status',
    'Prefix',
    'Filter',
    'Expiration',
    'Transition',
    'NoncurrentVersionExpiration',
    'NoncurrentVersionTransition',
    'AbortIncompleteMultipartUpload',
  ]);
  const status = rule.value('Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw new MalformedLifecycle('Status is missing.');
  const filter = one(rule, 'Filter');
  const prefix = one(rule, 'Prefix');
  // Of the two forms that S3 has had, a rule uses one.
  if ((filter === undefined) === (prefix === undefined)) {
    throw new MalformedLifecycle('A rule has a Filter.');
  }
  const abort = one(rule, 'AbortIncompleteMultipartUpload');
  const id = one(rule, 'ID')?.text;
  const noncurrentVersions = readNoncurrent(rule);
  return {
    ...(id ? { id } : {}),
    enabled: status === 'Enabled',
    ...(filter ? readFilter(filter) : { prefix: prefix?.text }),
    ...readExpiration(one(rule, 'Expiration')),
    transitions: rule.all('Transition').map(readTransition),
    ...(noncurrentVersions && { noncurrentVersions }),
    ...(abort && {
      abortUploadsAfterDays: integerOf(allowed(abort, ['DaysAfterInitiation']), 'DaysAfterInitiation'),
    }),
  };
}

const predicates = ['Prefix', 'Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'];

function readFilter(filter: XmlNode): object {
  const and = allowed(filter, [...predicates, 'And']).child('And');
  if (filter.children.length > 1) throw new MalformedLifecycle('A filter with several parts needs And.');
  if (and && allowed(and, predicates).children.length < 2) {
    throw new MalformedLifecycle('And joins at least two.');
  }
  const source = and ?? filter;
  const tags = source.all('Tag').map((tag): [string, string] => {
    const name = allowed(tag, ['Key', 'Value']).value('Key');
    const value = tag.value('Value');
    if (name === undefined || value === undefined) throw new MalformedLifecycle('A tag has Key and Value.');
    return [name, value];
  });
  const distinct = new Map(tags);
  if (distinct.size < tags.length) {
    throw new InvalidLifecycle('InvalidRequest', 'Duplicate Tag Keys are not allowed.');
  }
  return {
    prefix: one(source, 'Prefix')?.text ?? '',
    tags: Object.fromEntries(distinct),
    ...optionalInteger(source, 'ObjectSizeGreaterThan', 'sizeGreaterThanBytes'),
    ...optionalInteger(source, 'ObjectSizeLessThan', 'sizeLessThanBytes'),
  };
}

function readExpiration(expiration: XmlNode | undefined): object {
  if (!expiration) return {};
  const [choice, ...others] = allowed(expiration, ['Days', 'Date', 'ExpiredObjectDeleteMarker']).children;
  if (!choice || others.length > 0) throw new MalformedLifecycle('Expiration says one thing.');
  if (choice.name === 'Days') return { expireAfterDays: integerOf(expiration, 'Days') };
  if (choice.name === 'Date') return { expireAt: readDate(choice.text) };
  if (choice.text !== 'true' && choice.text !== 'false') throw new MalformedLifecycle('It is true or false.');
  return { removeExpiredDeleteMarkers: choice.text === 'true' };
}

function readTransition(transition: XmlNode): object {
  const date = allowed(transition, ['Days', 'Date', 'StorageClass']).child('Date');
  if ((transition.child('Days') === undefined) === (date === undefined)) {
    throw new MalformedLifecycle('A transition has Days or Date.');
  }
  return {
    ...(date ? { at: readDate(date.text) } : { afterDays: integerOf(transition, 'Days') }),
    storageClass: transition.value('StorageClass'),
  };
}

function readNoncurrent(rule: XmlNode): object | undefined {
  const expiration = one(rule, 'NoncurrentVersionExpiration');
  const transitions = rule.all('NoncurrentVersionTransition');
  if (!expiration && transitions.length === 0) return undefined;
  const names = ['NoncurrentDays', 'NewerNoncurrentVersions'];
  const keep = (node: XmlNode) => optionalInteger(node, 'NewerNoncurrentVersions', 'keepNewest');
  return {
    ...(expiration && {
      expireAfterDays: integerOf(allowed(expiration, names), 'NoncurrentDays'),
      ...keep(expiration),
    }),
    transitions: transitions.map((node) => ({
      afterDays: integerOf(allowed(node, [...names, 'StorageClass']), 'NoncurrentDays'),
      ...keep(node),
      storageClass: node.value('StorageClass'),
    })),
  };
}

/** The element, once it is known that nothing else stands in it: what is overlooked would not be done. */
function allowed(node: XmlNode, names: readonly string[]): XmlNode {
  const stranger = node.children.find(({ name }) => !names.includes(name));
  if (stranger) throw new MalformedLifecycle(`${node.name} has no ${stranger.name}.`);
  return node;
}

function one(node: XmlNode, name: string): XmlNode | undefined {
  const [child, ...others] = node.all(name);
  if (others.length > 0) throw new MalformedLifecycle(`${name} stands there twice.`);
  return child;
}

function integerOf(node: XmlNode, name: string): number {
  const text = one(node, name)?.text ?? '';
  if (!/^-?\d{1,15}$/.test(text)) throw new MalformedLifecycle(`${name} is a whole number.`);
  return Number(text);
}

function optionalInteger(node: XmlNode, name: string, field: string): object {
  return node.child(name) ? { [field]: integerOf(node, name) } : {};
}

function readDate(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new MalformedLifecycle('Date is an ISO 8601 date.');
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
