/** What failed, and will fail again however often it is tried: the message is set aside, with this as its reason. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** To be tried again at a time that the work itself knows, such as the one that a receiver has asked for. */
export class TryLaterError extends Error {
  override readonly name = 'TryLaterError';
  readonly delaySeconds: number;

  constructor(message: string, delaySeconds: number, options?: ErrorOptions) {
    super(message, options);
    this.delaySeconds = delaySeconds;
  }
}
