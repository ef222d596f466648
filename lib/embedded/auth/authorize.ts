import { type Act, type Action, decide, reachesBucket } from '../../access/grants.ts';
import type { SignedCall } from '../call.ts';
import { bypassesGovernance } from '../object-lock.ts';
import { readCopySource } from '../operations/copy-source.ts';
import { Refusal } from '../refusal.ts';

/**
 * What an operation takes of its caller: an action on the object; `list` on the prefix that is asked for; `admin` on
 * the bucket; `reach`, any grant in the bucket; or `each`, where the operation itself asks for every thing that it touches.
 */
export type Need = Action | 'reach' | 'each';

type Admitted = Pick<SignedCall, 'grants' | 'bucket' | 'key' | 'query' | 'headers' | 'method'>;

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
}

/**
 * Lets an act pass.
 *
 * @throws {@link Refusal} `AccessDenied`, or `EntityTooLarge` for more bytes than the grants allow
 */
export function demand({ grants }: Pick<SignedCall, 'grants'>, act: Act): void {
  const decision = decide(grants, act);
  if ('grant' in decision) return;
  const { code, detail } = decision.refusal;
  throw new Refusal(code === 'object_too_large' ? 'EntityTooLarge' : 'AccessDenied', detail);
}

/** To lock an object, or to lift its lock, is more than to write it: what is locked nobody gets rid of. */
function locks({ method, headers }: Admitted): boolean {
  const sets = method === 'PUT' || method === 'POST';
  return (
    bypassesGovernance(headers) ||
    (sets && [...headers.keys()].some((name) => name.startsWith('x-amz-object-lock-')))
  );
}
