import { xmlElement, type XmlMarkup } from '../../storage/xml.ts';
import type { Call } from '../call.ts';
import { Refusal } from '../refusal.ts';

export const ownerId = 'stowage';

/**
 * Every bucket is *owner-enforced*: all objects belong to the store's one owner, and ACLs say nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const enforced = 'BucketOwnerEnforced';

/** @throws {@link Refusal} `NotImplemented` */
export function checkOwnership(ownership: string): void {
  if (ownership !== enforced) throw new Refusal('NotImplemented', `Only ${enforced} is implemented.`);
}

/**
 * Holds a call to the owner that it expects, of its bucket and of what it copies: all of them have the same.
 *
 * @throws {@link Refusal} `AccessDenied`
 */
export function checkExpectedOwner({ headers }: Pick<Call, 'headers'>): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    if ((headers.get(name) ?? ownerId) !== ownerId) throw new Refusal('AccessDenied');
  }
}

/** All objects belong to the store's one owner. */
export function owner(element: 'Owner' | 'Initiator'): XmlMarkup {
  return xmlElement(element, [xmlElement('ID', ownerId), xmlElement('DisplayName', ownerId)]);
}
