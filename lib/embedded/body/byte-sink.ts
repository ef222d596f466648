/** Takes bytes in order. */
export interface ByteSink {
  /**
   * Takes the bytes, or asks the sender to wait until a promise is settled. From then on their memory is the sender's
   * again: what a sink wants to keep, it copies.
   */
  readonly write: (bytes: Buffer) => Promise<void> | undefined;
}
