import type { Records } from '../records/port.ts';
import { endOfMarker } from '../usage/reservations.ts';

/**
 * The uploads that were aborted before anything had arrived, by their markers: an address that was signed for one works
 * until it expires, and what comes by it then is not wanted.
 */

const partition = 'aborted-uploads';

export async function rememberAbort(records: Records, marker: string): Promise<void> {
  await records.put({ partition, sort: marker, value: null, expiresAt: endOfMarker(marker) });
}

export async function wasAborted(records: Records, marker: string): Promise<boolean> {
  return (await records.get(partition, marker)) !== undefined;
}
