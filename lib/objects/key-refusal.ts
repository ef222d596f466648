import * as v from 'valibot';
import { type Act, type Refusal, refusalOf } from '../access/grants.ts';
import { objectKey } from '../access/object-key.ts';
import type { Principal } from '../access/principal.ts';

/** Why one of many keys is refused: it is none, or no grant allows the act. */
export function refusalFor(principal: Principal, act: Act): Refusal | undefined {
  const result = v.safeParse(objectKey, act.key);
  if (result.success) return refusalOf(principal.grants, act);
  return {
    code: 'invalid_object_key',
    detail: `The key ${result.issues.map(({ message }) => message).join('; ')}.`,
  };
}
