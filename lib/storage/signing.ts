import { bucketNameAt, type Endpoint, targetOf } from './endpoint.ts';
import { type PostForm, type PolicyCondition, presignPost } from './post-policy.ts';
import { type PartToSign, partPresigner, presign, type SigningContext } from './presign.ts';
import type { Credentials } from './sigv4.ts';

/** What a caller of {@link Signing} says of the object. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

export interface SignedUrl {
  readonly url: string;
  /** When storage stops honouring the URL: after its own lifetime, or earlier, with the credentials that signed it. */
  readonly expiresAt: Date;
}

/**
 * Signs addresses for callers. Pure computing: no request leaves the process. Every lifetime is cut to what the
 * credentials themselves have left.
 */
export interface Signing {
  /** The origin of all addresses that are signed for a bucket. */
  originOf: (bucket: string) => string;
  signGet: (
    object: ObjectAddress & {
      readonly versionId?: string | undefined;
      readonly contentDisposition?: string | undefined;
    },
    expiresInSeconds: number,
    method?: 'GET' | 'HEAD',
  ) => SignedUrl;
  /** @param headers - to be sent just so, `content-length` among them */
  signPut: (
    object: ObjectAddress,
    headers: Readonly<Record<string, string>>,
    expiresInSeconds: number,
  ) => SignedUrl;
  /** One signer for many parts of an upload: they share most of the work. */
  partSigner: (
    upload: ObjectAddress & { readonly storageUploadId: string },
    expiresInSeconds: number,
  ) => { readonly sign: (part: PartToSign) => string; readonly expiresAt: Date };
  /** @param fields - form fields, each demanded exactly; @param conditions - further demands */
  signForm: (
    object: ObjectAddress,
    fields: Readonly<Record<string, string>>,
    conditions: readonly PolicyCondition[],
    expiresInSeconds: number,
  ) => PostForm & { readonly expiresAt: Date };
}

export interface SigningOptions {
  /** The endpoint as callers reach it. */
  readonly endpoint: Endpoint;
  readonly region: string;
  readonly credentials: Credentials;
  /** No address counts longer. Default: as long as it is asked for. */
  readonly maxLifetimeSeconds?: (() => number) | undefined;
  readonly now: () => Date;
}

/**
 * Role credentials in Lambda do not say when they end. AWS gives them at least this long, so a URL that promises no
 * more tells the truth.
 */
const unknownSessionSeconds = 3600;

export function createSigning(options: SigningOptions): Signing {
  const { endpoint, region, credentials, maxLifetimeSeconds = () => Infinity, now } = options;

  function context(expiresInSeconds: number): SigningContext & { expiresAt: Date } {
    const time = now();
    const left = credentialSecondsLeft(credentials, time);
    const seconds = Math.max(1, Math.min(expiresInSeconds, maxLifetimeSeconds(), left));
    const signedAt = Math.floor(time.getTime() / 1000);
    return {
      credentials,
      region,
      time,
      expiresInSeconds: seconds,
      expiresAt: new Date((signedAt + seconds) * 1000),
    };
  }

  return {
    originOf: (bucket) => targetOf(endpoint, bucket).origin,

    signGet({ bucket, key, versionId, contentDisposition }, expiresInSeconds, method = 'GET') {
      const query: [string, string][] = method === 'GET' ? [['x-id', 'GetObject']] : [];
      if (contentDisposition !== undefined) query.push(['response-content-disposition', contentDisposition]);
      if (versionId !== undefined) query.push(['versionId', versionId]);
      const signing = context(expiresInSeconds);
      return {
        url: presign({ method, target: targetOf(endpoint, bucket, key), query }, signing),
        expiresAt: signing.expiresAt,
      };
    },

    signPut({ bucket, key }, headers, expiresInSeconds) {
      const signing = context(expiresInSeconds);
      const target = targetOf(endpoint, bucket, key);
      return {
        url: presign({ method: 'PUT', target, query: [['x-id', 'PutObject']], headers }, signing),
        expiresAt: signing.expiresAt,
      };
    },

    partSigner({ bucket, key, storageUploadId }, expiresInSeconds) {
      const signing = context(expiresInSeconds);
      return {
        sign: partPresigner(targetOf(endpoint, bucket, key), storageUploadId, signing),
        expiresAt: signing.expiresAt,
      };
    },

    signForm({ bucket, key }, fields, conditions, expiresInSeconds) {
      const signing = context(expiresInSeconds);
      const object = { bucket: bucketNameAt(endpoint, bucket), key };
      return {
        ...presignPost(targetOf(endpoint, bucket), object, fields, conditions, signing),
        expiresAt: signing.expiresAt,
      };
    },
  };
}

function credentialSecondsLeft({ expiresAt, sessionToken }: Credentials, time: Date): number {
  if (expiresAt) return Math.floor((expiresAt.getTime() - time.getTime()) / 1000);
  return sessionToken === undefined ? Infinity : unknownSessionSeconds;
}
