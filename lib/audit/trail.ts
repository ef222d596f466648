import type { Context, MiddlewareHandler } from 'hono';
import { keyIdsOf, tokenIdOf } from '../access/lineage.ts';
import type { Principal } from '../access/principal.ts';
import { StowageError } from '../errors.ts';
import { clientAddress } from '../http/client-address.ts';
import type { AppEnv } from '../http/env.ts';
import { routeName } from '../http/route-name.ts';
import type { Audit, AuditedPrincipal, AuditEntry, AuditTarget } from './audit.ts';

/**
 * Writes the audit log's lines of requests: here, for every route. A request leaves a line when it may change something,
 * when its route says what it is about ({@link auditTargets}), and when it is refused for who comes or for how often.
 *
 * A line is written before the answer leaves. While lines cannot be written, what would leave one is refused.
 *
 * @param trustedProxyHops - see {@link clientAddress}
 * @throws StowageError `audit_unavailable`
 */
export function auditTrail(audit: Audit, trustedProxyHops: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const isChange = !harmless.has(c.req.method);
    if (isChange && !audit.isKept()) throw unavailable();
    await next();
    const targets = c.var.auditTargets;
    const refusal = c.error instanceof StowageError ? c.error : undefined;
    if (!isChange && !targets && !isSuspicious(c.res.status)) return;
    if (refusal?.code === 'audit_unavailable') return;
    const request = {
      requestId: c.var.requestId,
      // The path of what matches no route is the caller's own.
      action: routeName(c) ?? `${c.req.method} (no route)`,
      ...outcomeOf(c.res.status, refusal?.code),
      status: c.res.status,
      principal: describe(c.var.principal),
      address: clientAddress(c, trustedProxyHops),
      userAgent: c.req.header('user-agent'),
    };
    audit.write(entriesOf(request, targets ?? [targetInPath(c)]));
  };
}

/**
 * Tells what a request is about where its path does not, one by one or as a number; a request that only reads leaves its
 * line by this.
 */
export function auditTargets(c: Context<AppEnv>, ...targets: readonly AuditTarget[]): void {
  c.set('auditTargets', targets);
}

/** To be called by routes that read and yet issue something, before they do. @throws StowageError `audit_unavailable` */
export function demandAudit(audit: Audit | undefined): void {
  if (audit && !audit.isKept()) throw unavailable();
}

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

function unavailable(): StowageError {
  return new StowageError(
    'audit_unavailable',
    'What is asked for leaves a record, and none can be written now.',
  );
}

function isSuspicious(status: number): boolean {
  return status === 401 || status === 403 || status === 429;
}

function outcomeOf(status: number, code: string | undefined): Pick<AuditEntry, 'decision' | 'rule'> {
  if (status < 400) return { decision: 'allowed' };
  return { decision: status < 500 ? 'refused' : 'failed', rule: code ?? `status ${status}` };
}

/** An object among several that was refused by itself. */
function entriesOf(request: AuditEntry, targets: readonly AuditTarget[]): readonly AuditEntry[] {
  return targets.map(({ rule, ...target }) =>
    rule === undefined || request.decision !== 'allowed'
      ? { ...request, target }
      : { ...request, decision: 'refused', rule, target },
  );
}

/** By name, so that a path's secret, such as an upload's id, is never taken. */
function targetInPath(c: Context<AppEnv>): AuditTarget {
  const { bucket, key, keyId, webhookId } = c.req.param();
  return { bucket, key, keyId, webhookId };
}

function describe(principal: Principal | undefined): AuditedPrincipal | undefined {
  if (!principal) return undefined;
  const { kind, sub, tenant, lineage } = principal;
  return {
    kind,
    sub,
    tenant,
    keyId: kind === 'key' ? sub : lineage && keyIdsOf(lineage).at(-1),
    tokenId: tokenIdOf(lineage),
  };
}
