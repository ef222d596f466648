/** Takes bytes in order. */
export interface ByteSink {
  /** A promise asks the sender to wait, and to leave the bytes alone, until it is settled. */
  readonly write: (bytes: Buffer) => Promise<void> | undefined;
}
