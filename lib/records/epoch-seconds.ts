/** Expiries are kept in whole seconds since 1970, as DynamoDB's time to live wants them. */
export function toEpochSeconds(expiresAt: Date): number {
  return Math.ceil(expiresAt.getTime() / 1000);
}

export function fromEpochSeconds(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** What an expiry must be above, not to be over. */
export function passedSeconds(now: Date): number {
  return Math.floor(now.getTime() / 1000);
}
