import type { Principal } from '../access/principal.ts';

/** What every request carries through the app. */
export interface AppEnv {
  Variables: {
    requestId: string;
    /** Set by `requirePrincipal`; routes before it must not read it. */
    principal: Principal;
  };
}
