import { type Act, type Action, allowsType, decide, reachesBucket, refusalOf } from '../../access/grants.ts';
import { reservedPrefix } from '../../access/object-key.ts';
import type { Rights, SignedCall } from '../call.ts';
import { bypassesGovernance, isLockHeader } from '../object-lock.ts';
import { readCopySource } from '../operations/copy-source.ts';
import { Refusal } from '../refusal.ts';

/**
 * What an operation takes of its caller: an action on the object; `list` on the prefix that is asked for; `admin` on
 * the bucket; `reach`, any grant in the bucket; or `each`, where the operation itself asks for every thing that it touches.
 */
export type Need = Action | 'reach' | 'each';

type Admitted = Rights & Pick<SignedCall, 'bucket' | 'key' | 'query' | 'headers' | 'method'>;

/**
 * Lets a call pass to its operation. What is copied must be readable, too.
 *
 * @throws {@link Refusal} `AccessDenied`
 */
export function admit(call: Admitted, needs: Need): void {
  const { grants, method, bucket, key, query, headers } = call;
  if (needs === 'reach') {
    if (!reachesBucket(grants, bucket)) throw new Refusal('AccessDenied', `No grant reaches ${bucket}.`);
  } else if (needs !== 'each') {
    demand(call, { action: needs, bucket, key: needs === 'list' ? (query.get('prefix') ?? '') : key });
  }
  if (method === 'PUT' && headers.has('x-amz-copy-source')) {
    const source = readCopySource(call);
    demand(call, { action: 'read', bucket: source.bucket, key: source.key });
  }
  if (locks(call)) demand(call, { action: 'admin', bucket, key });
  if (changes(call) && call.rulesOf?.(bucket)?.isReadOnly) {
    throw new Refusal('AccessDenied', `The bucket ${bucket} is read-only for now.`);
  }
}

/** An upload that is given up leaves all as it was. */
function changes({ method, query }: Admitted): boolean {
  return method !== 'GET' && method !== 'HEAD' && !(method === 'DELETE' && query.has('uploadId'));
}

/**
 * Lets an act pass.
 *
 * @throws {@link Refusal} `AccessDenied`, or `EntityTooLarge` for more bytes than the grants or the bucket allow
 */
export function demand({ grants, rulesOf }: Rights, act: Act): void {
  const decision = decide(grants, act);
  if ('refusal' in decision) {
    const { code, detail } = decision.refusal;
    throw new Refusal(code === 'object_too_large' ? 'EntityTooLarge' : 'AccessDenied', detail);
  }
  const rules = act.action === 'write' ? rulesOf?.(act.bucket) : undefined;
  if (!rules) return;
  const { sizeBytes, contentType } = act;
  if (sizeBytes !== undefined && sizeBytes > rules.maxObjectBytes) {
    throw new Refusal('EntityTooLarge', `The bucket takes objects of at most ${rules.maxObjectBytes} bytes.`);
  }
  if (contentType !== undefined && !allowsType(rules.contentTypes, contentType)) {
    throw new Refusal(
      'AccessDenied',
      `The bucket takes ${rules.contentTypes.join(', ')}, not ${contentType}.`,
    );
  }
}

/** What a listing passes over: the service's own keys, for those who may not administer them. */
export function hiddenPrefix({ grants, bucket }: Pick<SignedCall, 'grants' | 'bucket'>): string | undefined {
  return refusalOf(grants, { action: 'list', bucket, key: reservedPrefix }) && reservedPrefix;
}

/** To lock an object, or to lift its lock, is more than to write it: what is locked nobody gets rid of. */
function locks({ method, headers }: Admitted): boolean {
  const sets = method === 'PUT' || method === 'POST';
  return bypassesGovernance(headers) || (sets && [...headers.keys()].some(isLockHeader));
}
