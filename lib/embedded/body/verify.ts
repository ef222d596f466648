import type { SignedCall } from '../call.ts';
import { Refusal } from '../refusal.ts';
import { checkedValue, type ChecksumAlgorithm, type RequestedChecksum } from './checksums.ts';
import type { HashPool } from './hash-pool.ts';
import { bytesOfCrc, type HasherName } from './hashers.ts';

/** What is computed beside what the request itself asks for. */
export interface DigestsToMake {
  readonly md5: boolean;
  /** The checksum that the request wants the body held to. */
  readonly requested: RequestedChecksum | undefined;
  /** A checksum that is needed whether or not the request carries one. */
  readonly checksum?: ChecksumAlgorithm | undefined;
}

export interface Digests {
  /** In hex; present where asked for. */
  readonly md5?: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

export interface Verifier {
  readonly update: (batch: Buffer, isLast: boolean) => Promise<void>;
  /** @throws {@link Refusal} where the body is not what the request says */
  readonly finish: (trailers: ReadonlyMap<string, string> | undefined) => Promise<Digests>;
  /** Lets go of what `finish` has not been called for. */
  readonly drop: () => void;
}

/** What to verify bytes of the store's own by: no request says what they should be. */
export const storedBytes: Pick<SignedCall, 'headers' | 'payload'> = {
  headers: new Map(),
  payload: { kind: 'unsigned' },
};

/**
 * Computes each digest once, however many parties want it.
 *
 * @param crc32 - of all that was taken in, where somebody else computes it. Default: it is computed here
 */
export function createVerifier(
  { headers, payload }: Pick<SignedCall, 'headers' | 'payload'>,
  make: DigestsToMake,
  hashing: HashPool,
  crc32?: () => number,
): Verifier {
  const { requested } = make;
  const contentMd5 = readContentMd5(headers);
  const algorithm = requested?.algorithm ?? make.checksum;
  if (requested && make.checksum && requested.algorithm !== make.checksum) {
    throw new Refusal(
      'InvalidRequest',
      `Checksum Type mismatch occurred, expected checksum Type: ${make.checksum}, actual checksum Type: ${requested.algorithm}`,
    );
  }
  const names = new Set<HasherName>();
  const takesCrc32 = algorithm === 'crc32' ? crc32 : undefined;
  if (algorithm && !takesCrc32) names.add(algorithm);
  if (payload.kind === 'hashed') names.add('sha256');
  if (make.md5 || contentMd5 !== undefined) names.add('md5');
  const stream = hashing.open([...names]);

  return {
    update: stream.update,
    drop: stream.drop,
    finish: async (trailers) => {
      const digests = new Map(await stream.finish());
      if (takesCrc32) digests.set('crc32', bytesOfCrc(takesCrc32()));
      const base64 = (name: HasherName) => digests.get(name)?.toString('base64') ?? '';
      if (payload.kind === 'hashed' && digests.get('sha256')?.toString('hex') !== payload.sha256) {
        throw new Refusal('XAmzContentSHA256Mismatch', undefined, {
          ClientComputedContentSHA256: payload.sha256,
          S3ComputedContentSHA256: digests.get('sha256')?.toString('hex') ?? '',
        });
      }
      if (contentMd5 !== undefined && base64('md5') !== contentMd5) {
        throw new Refusal('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
          ExpectedDigest: contentMd5,
          CalculatedDigest: base64('md5'),
        });
      }
      if (requested) {
        const expected = requested.value ?? trailerValue(requested.algorithm, trailers);
        if (base64(requested.algorithm) !== expected) {
          throw new Refusal(
            'BadDigest',
            `The ${requested.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
          );
        }
      }
      const md5 = digests.get('md5')?.toString('hex');
      return {
        ...(md5 !== undefined && { md5 }),
        ...(algorithm && { checksum: { algorithm, value: base64(algorithm) } }),
      };
    },
  };
}

function trailerValue(
  algorithm: ChecksumAlgorithm,
  trailers: ReadonlyMap<string, string> | undefined,
): string {
  const value = trailers?.get(`x-amz-checksum-${algorithm}`);
  if (value === undefined) {
    throw new Refusal(
      'MalformedTrailerError',
      `The trailer x-amz-checksum-${algorithm} was announced but did not come.`,
    );
  }
  return checkedValue(algorithm, value);
}

function readContentMd5(headers: ReadonlyMap<string, string>): string | undefined {
  const value = headers.get('content-md5');
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== value) throw new Refusal('InvalidDigest');
  return value;
}
