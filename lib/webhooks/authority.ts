import { type Act, lackingDenials, refusalOf } from '../access/grants.ts';
import { keyIdsOf, lineageFor } from '../access/lineage.ts';
import { authorize, endOfRights, type Principal } from '../access/principal.ts';
import type { Revocations } from '../access/revocations.ts';
import { StowageError } from '../errors.ts';
import { findKey } from '../keys/key-records.ts';
import type { Records } from '../records/port.ts';
import type { WebhookFilter } from './filter.ts';
import { findWebhook, type Webhook, webhookNotFound } from './webhook-records.ts';

/**
 * Whose a webhook is. It names a stretch of keys: those of a bucket, or of all, that begin with its prefix. Who has a
 * hand in it must hold `admin` over that whole stretch, and `read`, too, where it is about what the webhook gets to know;
 * so no webhook ever tells of an object that whoever stands behind it may not read.
 */

/** @throws StowageError `access_denied` */
export function demandOver(
  principal: Principal,
  filter: WebhookFilter,
  actions: readonly ('admin' | 'read')[],
): void {
  for (const action of actions) authorize(principal, actOver(filter, action));
  const { bucket = '*', prefix = '' } = filter;
  // Of a part of the stretch, too: the webhook would tell of it all the same.
  const [denial] = lackingDenials([{ bucket, prefix, actions }], principal.grants);
  if (!denial) return;
  throw new StowageError(
    'access_denied',
    `A grant denies ${denial.actions.join(', ')} on ${denial.bucket}/${denial.prefix}.`,
  );
}

/** Root sees all webhooks over what it may administer, which is everything; others those of their own tenant, or of none. */
export function maySee(principal: Principal, webhook: Webhook): boolean {
  const isOwn = principal.kind === 'root' || principal.tenant === webhook.tenant;
  return isOwn && refusalOf(principal.grants, actOver(webhook, 'admin')) === undefined;
}

/**
 * A webhook that the caller may see. One that it may not is as good as none.
 *
 * @throws StowageError `webhook_not_found`
 */
export async function visibleWebhook(
  records: Records,
  principal: Principal,
  webhookId: string,
): Promise<Webhook> {
  const webhook = await findWebhook(records, webhookId);
  if (!webhook || !maySee(principal, webhook)) throw webhookNotFound(webhookId);
  return webhook;
}

/**
 * On what a webhook stands that this caller answers for. As with keys, what was made by something that ends ends with it
 * at the latest.
 */
export function authorityOf(principal: Principal, now: Date): Webhook['authority'] {
  const expiresAt = endOfRights(principal);
  return { lineage: lineageFor(principal, now), ...(expiresAt && { expiresAt }) };
}

/** Why a webhook has lost what it stands on; `undefined` while it has not. */
export type LostAuthority = (webhook: Webhook) => Promise<string | undefined>;

export interface AuthorityDeps {
  readonly records: Records;
  readonly revocations: Pick<Revocations, 'isRevoked'>;
  readonly now: () => Date;
}

export function lostAuthority({ records, revocations, now }: AuthorityDeps): LostAuthority {
  return async ({ authority: { lineage, expiresAt } }) => {
    if (expiresAt && expiresAt <= now()) return 'The credentials that it was made with have ended.';
    for (const keyId of keyIdsOf(lineage)) {
      const key = await findKey(records, keyId);
      if (!key?.enabled) return 'An API key that it was made with is disabled or deleted.';
    }
    if (await revocations.isRevoked(lineage)) return 'The credentials that it was made with were revoked.';
    return undefined;
  };
}

function actOver({ bucket = '*', prefix = '' }: WebhookFilter, action: 'admin' | 'read'): Act {
  return { action, bucket, key: prefix, extent: 'below' };
}
