import { createPrivateKey, type KeyObject } from 'node:crypto';
import { StowageError } from '../errors.ts';
import type { ObjectAddress } from '../storage/signing.ts';
import { uriEncode, uriEncodePath } from '../storage/sigv4.ts';
import { signedAddress, type SignedPolicy, signedPolicy } from './cdn-signature.ts';

/** The content delivery network before the buckets with a `cdn`: CloudFront, which has each at `/o/BUCKET/`. */
export interface Cdn {
  /**
   * @param viewerHost - by what name the caller reached the service through CloudFront, if that is known
   * @throws {@link StowageError} `cdn_not_configured` where nobody knows its address, `cdn_unavailable` where the key
   *   cannot be read
   */
  signer: (viewerHost: string | undefined) => Promise<CdnSigner>;
}

/** Signs by CloudFront's key. It counts as long as it says: unlike storage's, it does not end with a role's session. */
export interface CdnSigner {
  /** The address of one object. */
  signObject: (
    object: ObjectAddress & { readonly contentDisposition?: string | undefined },
    expiresAt: Date,
  ) => string;
  /** Every object of a bucket whose key begins with a prefix. */
  signPrefix: (bucket: string, prefix: string, expiresAt: Date) => SignedPrefix;
}

export interface SignedPrefix extends SignedPolicy {
  /** What the addresses begin with; the rest of the key comes behind it, percent-encoded. */
  readonly urlPrefix: string;
  /** The folder of these addresses, where cookies belong. */
  readonly path: string;
}

export interface CdnOptions {
  /** `https://files.example.com`. Default: by whatever name the caller has come. */
  readonly origin?: string | undefined;
  /** CloudFront's id of the public key. */
  readonly keyPairId: string;
  /** Reads the private half, in PEM. Asked once, and again after a failure. */
  readonly readPrivateKey: () => Promise<string>;
}

export function createCdn({ origin, keyPairId, readPrivateKey }: CdnOptions): Cdn {
  let reading: Promise<KeyObject> | undefined;

  async function privateKey(): Promise<KeyObject> {
    reading ??= readPrivateKey().then((pem) => createPrivateKey(pem));
    try {
      return await reading;
    } catch (cause) {
      reading = undefined;
      throw new StowageError('cdn_unavailable', 'The key that signs for the CDN cannot be read.', { cause });
    }
  }

  return {
    async signer(viewerHost) {
      const base = origin ?? originOf(viewerHost);
      const key = { keyPairId, privateKey: await privateKey() };
      return {
        signObject({ bucket, key: objectKey, contentDisposition }, expiresAt) {
          const query =
            contentDisposition === undefined
              ? ''
              : `?response-content-disposition=${uriEncode(contentDisposition)}`;
          return signedAddress({ resource: `${base}${pathOf(bucket, objectKey)}${query}`, expiresAt }, key);
        },
        signPrefix(bucket, prefix, expiresAt) {
          const urlPrefix = `${base}${pathOf(bucket, prefix)}`;
          return {
            ...signedPolicy({ resource: `${urlPrefix}*`, expiresAt }, key),
            urlPrefix,
            path: pathOf(bucket, prefix.slice(0, prefix.lastIndexOf('/') + 1)),
          };
        },
      };
    },
  };
}

/** `*` and `?`, which are more than themselves to CloudFront, are encoded like all that is not plain. */
function pathOf(bucket: string, key: string): string {
  return `/o/${bucket}/${uriEncodePath(key)}`;
}

function originOf(viewerHost: string | undefined): string {
  if (viewerHost !== undefined && /^[a-z\d.-]+$/i.test(viewerHost)) return `https://${viewerHost}`;
  throw new StowageError(
    'cdn_not_configured',
    'The CDN has no domain of its own here, so only requests that come through it know its address.',
  );
}
