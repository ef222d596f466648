import { algorithm, scopeText, signatureOf, signingKey } from '../../storage/sigv4.ts';
import type { Rights } from '../call.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { type Authority, callerOf, checkScope, equalHex } from './authenticate.ts';
import { oldKeyName, oldSignature, readCredential } from './claim.ts';

/** What a form's policy leaves to be checked while its file arrives. */
export interface FileLimits {
  readonly minBytes: number;
  readonly maxBytes: number;
}

type Fields = ReadonlyMap<string, string>;
type Condition =
  | {
      readonly kind: 'eq' | 'starts-with';
      readonly field: string;
      readonly value: string;
      readonly text: string;
    }
  | ({ readonly kind: 'content-length-range' } & FileLimits);

/** Fields that no condition has to allow. */
const freeFields = new Set(['x-amz-signature', 'policy', 'file']);

/**
 * Holds a form to its signed policy: the signature, the expiry, every condition, and that every field has one.
 *
 * @param fields - lower-case names; `key` as it will be stored
 * @throws {@link Refusal} with the code that S3 gives
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export async function verifyForm(
  fields: Fields,
  bucket: string,
  authority: Authority,
): Promise<{ readonly accessKeyId: string; readonly rights: Rights; readonly limits: FileLimits }> {
  const policy = fields.get('policy');
  if (policy === undefined) throw new Refusal('AccessDenied');
  const { accessKeyId, rights } = await verifySignature(fields, policy, authority);
  const { expiresAt, conditions } = readPolicy(policy);
  if (authority.now().getTime() > expiresAt) throw refusedBy('Policy expired.');

  // Whether or not the form names it: a policy that does not say where it holds would hold everywhere.
  const values = new Map([...fields, ['bucket', bucket]]);
  let limits: FileLimits = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };
  const covered = new Set<string>();
  for (const condition of conditions) {
    if (condition.kind === 'content-length-range') {
      limits = {
        minBytes: Math.max(limits.minBytes, condition.minBytes),
        maxBytes: Math.min(limits.maxBytes, condition.maxBytes),
      };
      continue;
    }
    covered.add(condition.field);
    if (!holds(condition, values.get(condition.field))) {
      throw refusedBy(`Policy Condition failed: ${condition.text}`);
    }
  }
  const extra = [...values.keys()].filter(
    (name) => !covered.has(name) && !freeFields.has(name) && !name.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw refusedBy(`Extra input fields: ${extra.join(', ')}`);
  return { accessKeyId, rights, limits };
}

/** Gives who signed. */
async function verifySignature(
  fields: Fields,
  policy: string,
  authority: Authority,
): Promise<{ accessKeyId: string; rights: Rights }> {
  const take = (name: string) => {
    const value = fields.get(name);
    if (value) return value;
    throw invalidArgument(
      name,
      '',
      `Bucket POST must contain a field named '${name}'. If it is specified, please check the order of the fields.`,
    );
  };
  if (!fields.has('x-amz-algorithm') && fields.has(oldKeyName.toLowerCase())) throw oldSignature();
  if (take('x-amz-algorithm') !== algorithm) {
    throw invalidArgument('x-amz-algorithm', take('x-amz-algorithm'), `Only ${algorithm} is supported.`);
  }
  const scope = readCredential(take('x-amz-credential'));
  if (!scope)
    throw invalidArgument('x-amz-credential', take('x-amz-credential'), 'The credential is malformed.');
  const claim = { ...scope, time: take('x-amz-date') };
  const { accessKeyId } = scope;
  const { secretAccessKey, noteUse, ...rights } = await callerOf(scope, authority);
  if (fields.has('x-amz-security-token')) throw new Refusal('InvalidToken');
  checkScope(claim, authority, 'AuthorizationHeaderMalformed');
  if (
    !equalHex(
      signatureOf(signingKey({ accessKeyId, secretAccessKey }, scope), policy),
      take('x-amz-signature'),
    )
  ) {
    throw new Refusal('SignatureDoesNotMatch', undefined, {
      AWSAccessKeyId: scope.accessKeyId,
      StringToSign: policy,
      SignatureProvided: take('x-amz-signature'),
      Scope: scopeText(scope),
    });
  }
  noteUse?.();
  return { accessKeyId, rights };
}

function readPolicy(policy: string): { expiresAt: number; conditions: Condition[] } {
  const document = parseDocument(policy);
  const expiresAt =
    typeof document['expiration'] === 'string' ? Date.parse(document['expiration']) : Number.NaN;
  const conditions = document['conditions'];
  if (Number.isNaN(expiresAt)) throw malformedPolicy('the expiration is not a time');
  if (!Array.isArray(conditions)) throw malformedPolicy('the conditions are not a list');
  return { expiresAt, conditions: conditions.flatMap((condition: unknown) => readCondition(condition)) };
}

function parseDocument(policy: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(policy, 'base64').toString('utf8'));
  } catch {
    throw malformedPolicy('it is not JSON');
  }
  if (typeof document !== 'object' || document === null) throw malformedPolicy('it is not an object');
  return { ...document };
}

function readCondition(condition: unknown): Condition[] {
  const text = JSON.stringify(condition);
  if (Array.isArray(condition)) {
    const [operator, first, second]: unknown[] = condition;
    const kind = typeof operator === 'string' ? operator.toLowerCase() : '';
    if (kind === 'content-length-range') {
      const minBytes = Number(first);
      const maxBytes = Number(second);
      if (Number.isInteger(minBytes) && Number.isInteger(maxBytes)) return [{ kind, minBytes, maxBytes }];
    }
    const isMatch = kind === 'eq' || kind === 'starts-with';
    if (isMatch && typeof first === 'string' && first.startsWith('$') && typeof second === 'string') {
      return [{ kind, field: first.slice(1).toLowerCase(), value: second, text }];
    }
  } else if (typeof condition === 'object' && condition !== null) {
    return Object.entries(condition).map(([name, value]: [string, unknown]) => {
      if (typeof value !== 'string') throw malformedPolicy(`the condition ${text} has no text as value`);
      return {
        kind: 'eq',
        field: name.toLowerCase(),
        value,
        text: JSON.stringify(['eq', `$${name}`, value]),
      };
    });
  }
  throw malformedPolicy(`the condition ${text} is of no known kind`);
}

function holds(
  { kind, field, value }: Extract<Condition, { readonly value: string }>,
  given: string | undefined,
): boolean {
  if (kind === 'eq') return given === value;
  if (value === '') return true;
  // A form may hold several content types; each of them counts.
  const parts = field === 'content-type' ? (given ?? '').split(',') : [given ?? ''];
  return parts.every((part) => part.trim().startsWith(value));
}

function refusedBy(reason: string): Refusal {
  return new Refusal('AccessDenied', `Invalid according to Policy: ${reason}`);
}

function malformedPolicy(reason: string): Refusal {
  return new Refusal('InvalidPolicyDocument', `Invalid Policy: ${reason}.`);
}
