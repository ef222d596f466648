import { type KeyObject, sign } from 'node:crypto';

/**
 * CloudFront's signatures: of one address by a canned policy, of all that begin alike by a custom one. Of the same
 * statements as those of `@aws-sdk/cloudfront-signer`, with SHA-256.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
 */

/** What signs, and the name under which CloudFront has its public half. */
export interface CdnKey {
  readonly keyPairId: string;
  /** ECDSA P-256, or RSA, which takes twenty times as long. */
  readonly privateKey: KeyObject;
}

/** What a signature covers, and until when. */
export interface CdnStatement {
  /** The address, with its query. `*` stands for any text in a custom policy. */
  readonly resource: string;
  readonly expiresAt: Date;
}

/** The address itself, signed: it says when it expires, and the policy follows from that. */
export function signedAddress(statement: CdnStatement, key: CdnKey): string {
  const { resource } = statement;
  const query = queryText({
    Expires: String(epochSeconds(statement.expiresAt)),
    'Key-Pair-Id': key.keyPairId,
    Signature: signatureOf(policyOf(statement), key),
    'Hash-Algorithm': 'SHA256',
  });
  return `${resource}${resource.includes('?') ? '&' : '?'}${query}`;
}

/** A policy and its signature, for every address that the resource matches. */
export interface SignedPolicy {
  /** By the names that CloudFront gives its cookies. */
  readonly cookies: Readonly<Record<string, string>>;
  /** The same for who has no cookies: to be put behind each address. */
  readonly query: string;
}

export function signedPolicy(statement: CdnStatement, key: CdnKey): SignedPolicy {
  const policy = policyOf(statement);
  const parts = {
    Policy: inCloudFrontsBase64(Buffer.from(policy)),
    'Key-Pair-Id': key.keyPairId,
    Signature: signatureOf(policy, key),
    'Hash-Algorithm': 'SHA256',
  };
  return {
    cookies: Object.fromEntries(Object.entries(parts).map(([name, value]) => [`CloudFront-${name}`, value])),
    query: queryText(parts),
  };
}

/** To the letter: CloudFront builds a canned policy anew and compares. */
function policyOf({ resource, expiresAt }: CdnStatement): string {
  const condition = { DateLessThan: { 'AWS:EpochTime': epochSeconds(expiresAt) } };
  return JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
}

function signatureOf(policy: string, { privateKey }: CdnKey): string {
  return inCloudFrontsBase64(sign('sha256', Buffer.from(policy), privateKey));
}

function epochSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** Base64, with other letters for those that mean something in a query or a cookie. */
function inCloudFrontsBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
}

/** None of the values has a letter that would have to be encoded. */
function queryText(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
