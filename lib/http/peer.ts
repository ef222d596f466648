import type { Context } from 'hono';
import type { Claims } from '../access/claims.ts';
import type { AppEnv } from './env.ts';

/** The other end of the connection, as the host sees it: not what a header says. */
export interface Peer {
  /** IP address. */
  readonly address?: string | undefined;
  /** What the client's certificate says of it (`CN`, `O`, `OU`, …), where a CA that the host trusts has signed it. */
  readonly certificateSubject?: Claims | undefined;
}

/** Nothing is known of the peer where the app is called within its process. */
export function peerOf(c: Context<AppEnv>): Peer {
  const bindings: AppEnv['Bindings'] | undefined = c.env;
  return bindings?.peer ?? {};
}
