import type { Principal } from '../access/principal.ts';
import type { AuditTarget } from '../audit/audit.ts';
import type { Peer } from './peer.ts';

/** What every request carries through the app. */
export interface AppEnv {
  /** What the host knows beside the request. */
  Bindings: {
    readonly peer?: Peer;
    /** The request's target just as it was sent: the address of a `Request` is folded already. */
    readonly target?: string | undefined;
  };
  Variables: {
    requestId: string;
    /** Set by `requirePrincipal`; routes before it must not read it. */
    principal: Principal;
    /** What the request is about, for the audit log. */
    auditTargets?: readonly AuditTarget[];
  };
}
