import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parseXml } from '../storage/xml.ts';
import type { Reply, Services } from './call.ts';
import { corsMethods, type CorsRule, matchesAny, readCorsRules } from './cors-rules.ts';
import { Refusal } from './refusal.ts';

/**
 * The rules that hold for a bucket: one for the origins of the configuration, then the bucket's own.
 *
 * @param configuredOrigins - what their scripts may send is decided by the signature, so they may send every header
 */
export function corsRulesOf(
  { index }: Pick<Services, 'index'>,
  bucketName: string,
  configuredOrigins: readonly string[],
): CorsRule[] {
  const configured: CorsRule = {
    origins: configuredOrigins,
    methods: corsMethods,
    headers: ['*'],
    exposedHeaders: 'all',
    maxAgeSeconds: 3600,
  };
  const bucket = index.buckets.find(bucketName);
  const document = bucket && index.settings.find(bucket.id, 'cors');
  return document === undefined ? [configured] : [configured, ...readCorsRules(parseXml(document))];
}

/**
 * The headers that let a browser's script at `origin` read an answer; none where no rule allows it.
 *
 * @param rulesOf - asked only for requests of browsers
 * @param answered - the names of the answer's headers
 */
export function corsHeaders(
  { method = '', headers }: IncomingMessage,
  rulesOf: () => readonly CorsRule[],
  answered: readonly string[],
): Readonly<Record<string, string>> {
  const { origin } = headers;
  // The answer to a preflight says all by itself.
  if (origin === undefined || method === 'OPTIONS') return {};
  const rule = rulesOf().find(
    ({ origins, methods }) => methods.includes(method) && matchesAny(origins, origin),
  );
  if (!rule) return { vary: 'Origin' };
  const { exposedHeaders } = rule;
  const exposed = exposedHeaders === 'all' ? ['content-length', 'date', ...answered] : exposedHeaders;
  return {
    vary: 'Origin',
    'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
    ...(exposed.length > 0 && { 'access-control-expose-headers': exposed.join(', ') }),
  };
}

/**
 * Answers a browser that asks before it sends.
 *
 * @throws {@link Refusal} `AccessForbidden`
 */
export function preflight(headers: IncomingHttpHeaders, rules: readonly CorsRule[]): Reply {
  const { origin } = headers;
  const method = headers['access-control-request-method'];
  if (origin === undefined || method === undefined) {
    throw new Refusal('InvalidRequest', 'Insufficient information. Origin request header needed.');
  }
  const asked = headers['access-control-request-headers'];
  const names = asked === undefined ? [] : asked.split(',').map((name) => name.trim().toLowerCase());
  const rule = rules.find(
    (rule) =>
      rule.methods.includes(method) &&
      matchesAny(rule.origins, origin) &&
      names.every((name) =>
        matchesAny(
          rule.headers.map((header) => header.toLowerCase()),
          name,
        ),
      ),
  );
  if (!rule) throw new Refusal('AccessForbidden');
  return {
    status: 200,
    headers: {
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
      'access-control-allow-methods': rule.methods.join(', '),
      ...(rule.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
      ...(asked !== undefined && { 'access-control-allow-headers': asked }),
    },
  };
}
