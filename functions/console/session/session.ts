import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createClient, type StowageClient } from '../../../lib/client/client.ts';
import type { Bucket, Me } from '../../../lib/client/contract.ts';
import { createUploadQueue, type UploadQueue } from '../uploads/queue.ts';

/** All that is there once somebody is signed in. */
export interface Session {
  readonly me: Me;
  readonly buckets: readonly Bucket[];
  readonly client: StowageClient;
  readonly uploads: UploadQueue;
  /** Ends the uploads and leaves, with a reason to show on the way in again. */
  readonly signOut: (reason?: unknown) => void;
}

/**
 * @param onSignOut - told when the session is over
 * @throws `StowageApiError` when the credential is no good, `ConnectionError` when the service does not answer
 */
export async function openSession(
  credential: string,
  onSignOut: (reason?: unknown) => void,
): Promise<Session> {
  const client = createClient({ baseUrl: '', credential });
  const [me, buckets] = await Promise.all([client.me(), client.buckets()]);
  const uploads = createUploadQueue(client);
  const signOut = (reason?: unknown) => {
    uploads.stop();
    onSignOut(reason);
  };
  return { me, buckets, client, uploads, signOut };
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** The session that a component below the sign-in is shown in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody is signed in');
  return session;
}
