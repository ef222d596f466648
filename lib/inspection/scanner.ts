import type { Scan } from '../events/object-event.ts';

/** Looks for malware in bytes. */
export interface Scanner {
  /**
   * @param pieces - the object's bytes, in order
   * @throws Error when the scanner cannot be asked, or fails: to be tried again
   */
  readonly scan: (pieces: AsyncIterable<Buffer>) => Promise<Scan>;
}
