import type { XmlNode } from '../storage/xml.ts';
import { Refusal } from './refusal.ts';

/** Which browsers' scripts may do what. Origins and headers may hold one `*`. */
export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** What a request may carry. */
  readonly headers: readonly string[];
  /** What a script may read of an answer. */
  readonly exposedHeaders: readonly string[] | 'all';
  readonly maxAgeSeconds?: number;
}

export const corsMethods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];
const maxRules = 100;

/**
 * Reads the `CORSConfiguration` of a bucket.
 *
 * @throws {@link Refusal} `MalformedXML` or `InvalidRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
 */
export function readCorsRules(document: XmlNode): CorsRule[] {
  const rules = document.all('CORSRule');
  if (rules.length === 0 || rules.length > maxRules) throw new Refusal('MalformedXML');
  return rules.map(readRule);
}

function readRule(rule: XmlNode): CorsRule {
  const texts = (name: string) => rule.all(name).map(({ text }) => text);
  const origins = texts('AllowedOrigin');
  const methods = texts('AllowedMethod');
  const headers = texts('AllowedHeader');
  const maxAge = rule.value('MaxAgeSeconds');
  if (origins.length === 0 || methods.length === 0) throw new Refusal('MalformedXML');
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw new Refusal('MalformedXML');
  const unknown = methods.find((method) => !corsMethods.includes(method));
  if (unknown !== undefined) {
    throw new Refusal(
      'InvalidRequest',
      `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`,
    );
  }
  const overfull = [...origins, ...headers].find((pattern) => pattern.split('*').length > 2);
  if (overfull !== undefined) {
    throw new Refusal('InvalidRequest', `"${overfull}" can not have more than one wildcard.`);
  }
  return {
    origins,
    methods,
    headers,
    exposedHeaders: texts('ExposeHeader'),
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
  };
}

/** Whether one of the patterns is this text. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => {
    const [before = '', after] = pattern.split('*');
    if (after === undefined) return pattern === text;
    return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
  });
}
