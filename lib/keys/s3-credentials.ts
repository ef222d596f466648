import { createHmac } from 'node:crypto';
import type { Grant } from '../access/grants.ts';
import { upToToken } from '../access/lineage.ts';
import type { Revocations } from '../access/revocations.ts';
import type { ApiKey } from './key-records.ts';
import type { KnownKeys } from './known-keys.ts';
import type { S3Writes } from './s3-writes.ts';

/**
 * What an API key is to S3 tools. SigV4 takes a secret that both sides know, and the records hold none: it is derived
 * from the hash that they hold, by a secret that they do not. So it ends with the text of the key, and whoever has but
 * the records has nothing.
 */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Derives the credentials of the text whose SHA-256, in hex, is given. */
export type S3CredentialsOf = (key: Pick<ApiKey, 'keyId' | 'sha256'>) => S3Credentials;

/** Who signs with an access key. */
export interface S3Caller extends S3Writes {
  readonly secretAccessKey: string;
  readonly grants: readonly Grant[];
  /** To be called when the signature has proven right. */
  readonly noteUse: () => void;
}

/** An access key id holds the key's id, and the beginning of the hash of its text: two of them live during a rotation. */
const form = /^STOW(?<keyId>[0-9A-Za-z]{12})(?<generation>[0-9a-f]{8})$/;
const generationLength = 8;
const secretLength = 40;

/** @param secret - at least 32 characters; all credentials end when it changes */
export function deriveS3Credentials(secret: string): S3CredentialsOf {
  return ({ keyId, sha256 }) => ({
    accessKeyId: `STOW${keyId}${sha256.slice(0, generationLength)}`,
    secretAccessKey: createHmac('sha256', secret)
      .update(`stowage s3 ${keyId} ${sha256}`)
      .digest('base64url')
      .slice(0, secretLength),
  });
}

export interface S3CallersDeps {
  readonly keys: KnownKeys;
  readonly credentialsOf: S3CredentialsOf;
  readonly isRevoked: Revocations['isRevoked'];
  /** What holds for the writes of a tenant's keys. */
  readonly writesOf: (tenant: string | undefined) => S3Writes;
  readonly now: () => Date;
}

/** Finds callers among the API keys: those that are enabled, have not expired, and stand on nothing that was revoked. */
export function s3Callers({
  keys,
  credentialsOf,
  isRevoked,
  writesOf,
  now,
}: S3CallersDeps): (accessKeyId: string) => Promise<S3Caller | undefined> | undefined {
  function callerOf(key: ApiKey | undefined, generation: string): S3Caller | undefined {
    const time = now();
    if (!key?.enabled || (key.expiresAt && key.expiresAt <= time)) return undefined;
    const { keyId, grants, previous, tenant } = key;
    const texts = [key.sha256, ...(previous && time < previous.until ? [previous.sha256] : [])];
    const sha256 = texts.find((one) => one.startsWith(generation));
    if (sha256 === undefined) return undefined;
    const { secretAccessKey } = credentialsOf({ keyId, sha256 });
    return { ...writesOf(tenant), secretAccessKey, grants, noteUse: () => keys.noteUse(keyId) };
  }

  async function find(keyId: string, generation: string): Promise<S3Caller | undefined> {
    const key = await keys.find(keyId);
    const lineage = upToToken(key?.lineage);
    if (lineage && (await isRevoked(lineage))) return undefined;
    return callerOf(key, generation);
  }

  return (accessKeyId) => {
    const { keyId, generation } = form.exec(accessKeyId)?.groups ?? {};
    if (keyId === undefined || generation === undefined) return undefined;
    return find(keyId, generation);
  };
}
