import { hash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { keyring, type Keyring, makeKeyring, rotateKeyring } from './keyring.ts';

/**
 * The secrets of a standalone process, made on its first start and kept in one file that only its owner reads. Of the
 * root key the file holds the hash alone. Processes that serve together have the same file, or copies of it; from one that
 * holds all secrets they only read.
 */

const schema = v.strictObject({
  rootKeySha256: v.optional(v.pipe(v.string(), v.regex(/^[\da-f]{64}$/))),
  signing: keyring,
  s3: v.strictObject({ accessKeyId: v.string(), secretAccessKey: v.string() }),
  /** What the S3 credentials of API keys are derived from. */
  s3KeySecret: v.optional(v.pipe(v.string(), v.minLength(32))),
});

type SecretsFile = v.InferOutput<typeof schema>;

export interface StandaloneSecrets {
  readonly rootKeySha256: Buffer;
  /** The root key itself, when this start has made it: to be shown once. */
  readonly newRootKey?: string;
  readonly signing: Keyring;
  readonly s3: SecretsFile['s3'];
  readonly s3KeySecret: string;
  readonly path: string;
}

/**
 * @param path - its folder is made when absent, for its owner alone
 * @param rootKey - a root key from outside; none is made then
 * @throws Error when the file is there but cannot be read or is not valid: it is never made anew over an old one
 */
export function openSecretsFile(path: string, rootKey?: string): StandaloneSecrets {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const known = existsSync(path) ? read(path) : undefined;
  const newRootKey =
    rootKey === undefined && !known?.rootKeySha256
      ? `stow_${randomBytes(32).toString('base64url')}`
      : undefined;
  const rootKeySha256 = newRootKey === undefined ? known?.rootKeySha256 : hash('sha256', newRootKey);
  const s3KeySecret = known?.s3KeySecret ?? randomBytes(48).toString('base64url');
  const secrets: SecretsFile = {
    ...(known ?? {
      signing: makeKeyring(),
      s3: {
        accessKeyId: `STOWAGE${randomBytes(8).toString('hex').toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString('base64url'),
      },
    }),
    ...(rootKeySha256 !== undefined && { rootKeySha256 }),
    s3KeySecret,
  };
  if (!known?.s3KeySecret || newRootKey !== undefined) write(path, secrets);
  return {
    rootKeySha256:
      rootKey === undefined ? Buffer.from(rootKeySha256 ?? '', 'hex') : hash('sha256', rootKey, 'buffer'),
    ...(newRootKey !== undefined && { newRootKey }),
    signing: secrets.signing,
    s3: secrets.s3,
    s3KeySecret,
    path,
  };
}

/**
 * Makes a new signing key and keeps the last one for what it has sealed. A process that runs on the file takes it up
 * by itself.
 *
 * @throws Error when there are no secrets yet, or they cannot be used
 */
export function rotateSigningKey(path: string): void {
  const secrets = read(path);
  write(path, { ...secrets, signing: rotateKeyring(secrets.signing) });
}

/** The signing keys in the text of a secrets file. @throws Error when they cannot be used */
export function signingKeysIn(text: string): Keyring {
  return v.parse(schema, JSON.parse(text)).signing;
}

function read(path: string): SecretsFile {
  try {
    return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Whole or not at all, also when the power fails. */
function write(path: string, secrets: SecretsFile): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    chmodSync(temporary, 0o600);
    writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
