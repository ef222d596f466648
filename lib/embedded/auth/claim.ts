import { algorithm, amzDate } from '../../storage/sigv4.ts';
import type { Call } from '../call.ts';
import { invalidArgument, Refusal } from '../refusal.ts';

/** What a signed request says about its signature, not yet verified. */
export interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly time: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Only of a signature in the query. */
  readonly expiresInSeconds?: number;
}

const maxExpirySeconds = 7 * 86_400;
/** How the query of a request, or a form, names the key of a signature of version 2. */
export const oldKeyName = 'AWSAccessKeyId';

/** Reads the one signature that a request carries, in its header or in its query. */
export function readClaim(call: Call): Claim {
  const authorization = call.headers.get('authorization');
  const inQuery = call.query.has('X-Amz-Algorithm') || call.query.has('X-Amz-Signature');
  // A client that follows a redirect may carry another service's Authorization along: that one is none of ours.
  const inHeader = authorization?.startsWith('AWS') === true;
  if (inQuery && inHeader) {
    throw invalidArgument(
      'Authorization',
      authorization,
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  }
  if (inQuery) return claimOfQuery(call.query);
  if (authorization?.startsWith('AWS ') || (!inHeader && call.query.has(oldKeyName))) throw oldSignature();
  if (authorization === undefined) throw new Refusal('AccessDenied');
  if (!inHeader) throw invalidArgument('Authorization', '', 'Unsupported Authorization Type');
  return claimOfHeader(authorization, call.headers);
}

/** A signature of version 2: its sender has to learn that it is not its key that is wrong. */
export function oldSignature(): Refusal {
  return new Refusal(
    'InvalidRequest',
    `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
  );
}

function claimOfHeader(authorization: string, headers: ReadonlyMap<string, string>): Claim {
  const fields = new Map(
    authorization
      .slice(authorization.indexOf(' ') + 1)
      .split(',')
      .map((field) => splitOnce(field.trim(), '=')),
  );
  const credential = fields.get('Credential');
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (!authorization.startsWith(`${algorithm} `) || !credential || !signedHeaders || !signature) {
    throw new Refusal('AuthorizationHeaderMalformed');
  }
  const time = headers.get('x-amz-date') ?? toAmzDate(headers.get('date'));
  if (time === undefined || !isAmzDate(time)) {
    throw new Refusal('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  }
  const scope = readCredential(credential);
  if (!scope) throw new Refusal('AuthorizationHeaderMalformed');
  return { ...scope, time, signedHeaders: signedHeaders.toLowerCase().split(';'), signature };
}

function claimOfQuery(query: ReadonlyMap<string, string>): Claim {
  const fail = (message: string) => new Refusal('AuthorizationQueryParametersError', message);
  const take = (name: string) => {
    const value = query.get(`X-Amz-${name}`);
    if (!value) {
      throw fail(
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      );
    }
    return value;
  };
  if (take('Algorithm') !== algorithm) throw fail(`X-Amz-Algorithm only supports "${algorithm}"`);
  const scope = readCredential(take('Credential'));
  if (!scope) {
    throw fail(
      'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  const time = take('Date');
  if (!isAmzDate(time)) throw fail("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const expires = take('Expires');
  if (!/^\d+$/.test(expires)) throw fail('X-Amz-Expires should be a number');
  if (Number(expires) > maxExpirySeconds) {
    throw fail(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  return {
    ...scope,
    time,
    signedHeaders: take('SignedHeaders').toLowerCase().split(';'),
    signature: take('Signature'),
    expiresInSeconds: Number(expires),
  };
}

/** An access key id may hold a slash, so the scope is read from the end. */
export function readCredential(
  credential: string,
): Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service'> | undefined {
  const match =
    /^(?<accessKeyId>.+)\/(?<date>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request$/.exec(
      credential,
    );
  const { accessKeyId, date, region, service } = match?.groups ?? {};
  if (!accessKeyId || !date || !region || !service) return undefined;
  return { accessKeyId, date, region, service };
}

/** The moment that `YYYYMMDDTHHMMSSZ` names. */
export function readAmzDate(text: string): Date {
  const part = (from: number, until: number) => text.slice(from, until);
  return new Date(`${part(0, 4)}-${part(4, 6)}-${part(6, 11)}:${part(11, 13)}:${part(13, 15)}Z`);
}

function isAmzDate(text: string): boolean {
  return /^\d{8}T\d{6}Z$/.test(text) && !Number.isNaN(readAmzDate(text).getTime());
}

function toAmzDate(httpDate: string | undefined): string | undefined {
  const milliseconds = Date.parse(httpDate ?? '');
  if (Number.isNaN(milliseconds)) return undefined;
  return amzDate(new Date(milliseconds));
}

function splitOnce(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
