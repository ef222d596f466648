import { hasCeph, startCephGateway } from '../../support/ceph/gateway.ts';
import { openConnection } from '../wire.ts';
import { type Peer, signedHead } from './peer.ts';

/**
 * A Ceph RADOS Gateway: one that runs already (`RGW_ENDPOINT`, http, on this machine, with `RGW_ACCESS_KEY` and
 * `RGW_SECRET_KEY`), or else one that is started on a cluster of its own, on disk. Nothing where there is no Ceph.
 */
export async function startRgw(): Promise<Peer | undefined> {
  const gateway = runningGateway() ?? (hasCeph() ? await startCephGateway({ onDisk: true }) : undefined);
  if (!gateway) return undefined;
  const { endpoint, credentials, stop } = gateway;
  const port = Number(new URL(endpoint).port);
  const peer: Peer = { port, head: (request) => signedHead(port, credentials, request), stop };
  const connection = await openConnection(port);
  await connection.exchange(peer.head({ method: 'PUT', key: '', contentBytes: 0 }));
  connection.close();
  return peer;
}

function runningGateway(): Omit<Awaited<ReturnType<typeof startCephGateway>>, 'region'> | undefined {
  const {
    RGW_ENDPOINT: endpoint,
    RGW_ACCESS_KEY: accessKeyId,
    RGW_SECRET_KEY: secretAccessKey,
  } = process.env;
  if (endpoint === undefined || accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { endpoint, credentials: { accessKeyId, secretAccessKey }, stop: async () => undefined };
}
