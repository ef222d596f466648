import { openConnection } from '../wire.ts';
import { type Peer, signedHead } from './peer.ts';

/**
 * A Ceph RADOS Gateway that runs already: `RGW_ENDPOINT` (http, on this machine), `RGW_ACCESS_KEY`, `RGW_SECRET_KEY`.
 * Nothing where they are not set.
 */
export async function findRgw(): Promise<Peer | undefined> {
  const {
    RGW_ENDPOINT: endpoint,
    RGW_ACCESS_KEY: accessKeyId,
    RGW_SECRET_KEY: secretAccessKey,
  } = process.env;
  if (endpoint === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    process.stderr.write('Skipped: RGW_ENDPOINT, RGW_ACCESS_KEY and RGW_SECRET_KEY name no Ceph RGW\n');
    return undefined;
  }
  const port = Number(new URL(endpoint).port);
  const peer: Peer = {
    port,
    head: (request) => signedHead(port, { accessKeyId, secretAccessKey }, request),
    stop: async () => undefined,
  };
  const connection = await openConnection(port);
  await connection.exchange(peer.head({ method: 'PUT', key: '', contentBytes: 0 }));
  connection.close();
  return peer;
}
