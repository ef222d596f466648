/** S3's storage classes as a lifecycle sees them: it only ever moves down. */

/** What a lifecycle may move objects to, in the order of its descent. */
export const transitionClasses = [
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;

export type TransitionClass = (typeof transitionClasses)[number];

/** Whose objects must be restored before they can be read. */
export const archiveClasses: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

/**
 * Whether a lifecycle may move an object from one class to another.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
export function mayMove(from: string, to: TransitionClass): boolean {
  if (from === 'ONEZONE_IA' && to === 'GLACIER_IR') return false;
  return depthOf(to) > depthOf(from);
}

/** How far down a class is; `STANDARD` and what else is not a lifecycle's target is at the top. */
export function depthOf(storageClass: string): number {
  return transitionClasses.findIndex((name) => name === storageClass);
}
