import { randomUUID } from 'node:crypto';
import { S3, S3ServiceException, type Tag } from '@aws-sdk/client-s3';
import { bytesOf, type S3Target } from '../acceptance/target.ts';
import type { Body, Operation, ReadOptions, Turn } from './operations.ts';

/** What a store has answered, in words that are the same for every store: turns in place of ids, and no times. */
export type Answer = Readonly<Record<string, unknown>>;

/** A store, with a bucket for one sequence of operations. */
export interface StoreUnderTest {
  readonly perform: (operation: Operation) => Promise<Answer>;
  readonly close: () => void;
}

interface Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly etags: Map<number, string>;
}

const noVersion = 'no version of this store';

export async function storeUnderTest({ endpoint, region, credentials }: S3Target): Promise<StoreUnderTest> {
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  const Bucket = `differential-${randomUUID()}`;
  await s3.createBucket({ Bucket });

  const versions: string[] = [];
  const uploads: Upload[] = [];
  const currentEtags = new Map<string, string>();

  /** Takes a version in, the first time it comes up, and names it by its turn. */
  const turnOf = (versionId: string | undefined): string | undefined => {
    if (versionId === undefined || versionId === 'null') return versionId;
    if (!versions.includes(versionId)) versions.push(versionId);
    return `version ${versions.indexOf(versionId)}`;
  };
  const versionAt = (turn: Turn) => {
    if (turn === undefined) return {};
    return { VersionId: versions.length === 0 ? 'null' : (versions[turn % versions.length] ?? noVersion) };
  };
  const uploadAt = (turn: number): Upload =>
    uploads.length === 0
      ? { key: 'a', uploadId: 'absent', etags: new Map() }
      : (uploads[turn % uploads.length] ?? { key: 'a', uploadId: 'absent', etags: new Map() });
  const conditionOn = (key: string, condition: ReadOptions['condition'] | 'if-none-match *') => {
    const current = currentEtags.get(key) ?? '"00000000000000000000000000000000"';
    switch (condition) {
      case undefined:
        return {};
      case 'if-none-match *':
        return { IfNoneMatch: '*' };
      case 'if-match current':
        return { IfMatch: current };
      case 'if-none-match current':
        return { IfNoneMatch: current };
      case 'if-match other':
        return { IfMatch: '"11111111111111111111111111111111"' };
      case 'if-none-match other':
        return { IfNoneMatch: '"11111111111111111111111111111111"' };
    }
  };
  const readInput = ({ key, version, range, condition, contentType }: ReadOptions & { key: string }) => ({
    Bucket,
    Key: key,
    ...versionAt(version),
    ...(range !== undefined && { Range: range }),
    ...conditionOn(key, condition),
    ...(contentType !== undefined && { ResponseContentType: contentType }),
  });
  const copySource = (key: string, version: Turn) => {
    const { VersionId } = { VersionId: undefined, ...versionAt(version) };
    const path = `${Bucket}/${encodeURIComponent(key)}`;
    return VersionId === undefined ? path : `${path}?versionId=${VersionId}`;
  };
  /** Of a write whose answer may not name the version that it has made. */
  const versionWritten = async (key: string, versionId: string | undefined) => {
    if (versionId === undefined) turnOf((await s3.headObject({ Bucket, Key: key })).VersionId);
    return turnOf(versionId);
  };
  const remember = (key: string, etag: string | undefined) => {
    if (etag !== undefined) currentEtags.set(key, etag);
  };

  const done: {
    readonly [K in Operation['kind']]: (of: Extract<Operation, { kind: K }>) => Promise<Answer>;
  } = {
    async put({ key, body, contentType, cacheControl, metadata, checksum, condition }) {
      const { ETag, VersionId } = await s3.putObject({
        Bucket,
        Key: key,
        Body: bytes(body),
        Metadata: metadata,
        ...(contentType !== undefined && { ContentType: contentType }),
        ...(cacheControl !== undefined && { CacheControl: cacheControl }),
        ...(checksum && { ChecksumAlgorithm: checksum }),
        ...conditionOn(key, condition),
      });
      remember(key, ETag);
      return { ETag, version: turnOf(VersionId) };
    },
    async get(operation) {
      const answer = await s3.getObject(readInput(operation));
      const body = await bytesOf(answer);
      return { ...described(answer), version: turnOf(answer.VersionId), body: summary(body) };
    },
    async head(operation) {
      const answer = await s3.headObject(readInput(operation));
      return { ...described(answer), version: turnOf(answer.VersionId) };
    },
    async delete({ key, version }) {
      const { VersionId, DeleteMarker } = await s3.deleteObject({ Bucket, Key: key, ...versionAt(version) });
      return { version: turnOf(VersionId), isMarker: DeleteMarker ?? false };
    },
    async deleteMany({ items, quiet }) {
      const Objects = items.map(({ key, version }) => ({ Key: key, ...versionAt(version) }));
      const { Deleted = [], Errors = [] } = await s3.deleteObjects({
        Bucket,
        Delete: { Objects, Quiet: quiet },
      });
      const deleted = Deleted.toSorted((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1)).map((item) => ({
        key: item.Key,
        version: turnOf(item.VersionId),
        marker: turnOf(item.DeleteMarkerVersionId),
        isMarker: item.DeleteMarker ?? false,
      }));
      return { deleted, errors: Errors.map(({ Key, Code }) => [Key, Code]) };
    },
    async copy({ from, version, key, replace, metadata }) {
      const answer = await s3.copyObject({
        Bucket,
        Key: key,
        CopySource: copySource(from, version),
        MetadataDirective: replace ? 'REPLACE' : 'COPY',
        ...(replace && { Metadata: metadata }),
      });
      remember(key, answer.CopyObjectResult?.ETag);
      return {
        ETag: answer.CopyObjectResult?.ETag,
        version: await versionWritten(key, answer.VersionId),
        source: turnOf(answer.CopySourceVersionId),
      };
    },
    async list({ prefix, delimiter, after, limit }) {
      const answer = await s3.listObjectsV2({
        Bucket,
        ...(after !== undefined && { StartAfter: after }),
        ...page(prefix, delimiter, limit),
      });
      return {
        ...listed(answer),
        KeyCount: answer.KeyCount,
        hasNext: answer.NextContinuationToken !== undefined,
      };
    },
    async listV1({ prefix, delimiter, after, limit }) {
      const answer = await s3.listObjects({
        Bucket,
        ...(after !== undefined && { Marker: after }),
        ...page(prefix, delimiter, limit),
      });
      return { ...listed(answer), NextMarker: answer.NextMarker };
    },
    async listVersions({ prefix, delimiter, after, limit }) {
      const answer = await s3.listObjectVersions({
        Bucket,
        ...(after !== undefined && { KeyMarker: after }),
        ...page(prefix, delimiter, limit),
      });
      const { Versions = [], DeleteMarkers = [], CommonPrefixes = [], IsTruncated, NextKeyMarker } = answer;
      return {
        versions: Versions.map(({ Key, Size, ETag, IsLatest, VersionId }) => ({
          Key,
          Size,
          ETag,
          IsLatest,
          version: turnOf(VersionId),
        })),
        markers: DeleteMarkers.map(({ Key, IsLatest, VersionId }) => ({
          Key,
          IsLatest,
          version: turnOf(VersionId),
        })),
        CommonPrefixes,
        IsTruncated,
        NextKeyMarker,
      };
    },
    async listUploads({ prefix, delimiter, after, limit }) {
      const { MaxKeys, ...rest } = { MaxKeys: undefined, ...page(prefix, delimiter, limit) };
      const {
        Uploads = [],
        CommonPrefixes = [],
        IsTruncated,
      } = await s3.listMultipartUploads({
        Bucket,
        ...(after !== undefined && { KeyMarker: after }),
        ...(MaxKeys !== undefined && { MaxUploads: MaxKeys }),
        ...rest,
      });
      const turns = Uploads.map(({ Key, UploadId }) => [
        Key,
        uploads.findIndex((each) => each.uploadId === UploadId),
      ]);
      return { uploads: turns.map(String).toSorted(), CommonPrefixes, IsTruncated };
    },
    async tag({ key, tags }) {
      const TagSet = Object.entries(tags).map(([Key, Value]): Tag => ({ Key, Value }));
      const { VersionId } = await s3.putObjectTagging({ Bucket, Key: key, Tagging: { TagSet } });
      return { version: turnOf(VersionId) };
    },
    async tags({ key }) {
      const { TagSet = [] } = await s3.getObjectTagging({ Bucket, Key: key });
      return { tags: TagSet.map(({ Key, Value }) => `${Key}=${Value}`).toSorted() };
    },
    async untag({ key }) {
      await s3.deleteObjectTagging({ Bucket, Key: key });
      return {};
    },
    async begin({ key, metadata }) {
      const { UploadId = '' } = await s3.createMultipartUpload({ Bucket, Key: key, Metadata: metadata });
      uploads.push({ key, uploadId: UploadId, etags: new Map() });
      return {};
    },
    async part({ upload, partNumber, body }) {
      const { key, uploadId, etags } = uploadAt(upload);
      const { ETag = '' } = await s3.uploadPart({
        Bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        Body: bytes(body),
      });
      etags.set(partNumber, ETag);
      return { ETag };
    },
    async partCopy({ upload, partNumber, from, range }) {
      const { key, uploadId, etags } = uploadAt(upload);
      const { CopyPartResult } = await s3.uploadPartCopy({
        Bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        CopySource: copySource(from, undefined),
        ...(range !== undefined && { CopySourceRange: range }),
      });
      etags.set(partNumber, CopyPartResult?.ETag ?? '');
      return { ETag: CopyPartResult?.ETag };
    },
    async parts({ upload, after, limit }) {
      const { key, uploadId } = uploadAt(upload);
      const { Parts = [], IsTruncated } = await s3.listParts({
        Bucket,
        Key: key,
        UploadId: uploadId,
        MaxParts: limit,
        PartNumberMarker: String(after),
      });
      return { parts: Parts.map(({ PartNumber, ETag, Size }) => ({ PartNumber, ETag, Size })), IsTruncated };
    },
    async complete({ upload, order }) {
      const { key, uploadId, etags } = uploadAt(upload);
      const sorted = Array.from(etags, ([PartNumber, ETag]) => ({ PartNumber, ETag })).toSorted(
        (a, b) => a.PartNumber - b.PartNumber,
      );
      const wrong = { PartNumber: 1, ETag: '"11111111111111111111111111111111"' };
      const Parts = {
        right: sorted,
        reversed: sorted.toReversed(),
        'wrong ETag': [wrong, ...sorted.slice(1)],
      }[order];
      const { ETag, VersionId, Key } = await s3.completeMultipartUpload({
        Bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts },
      });
      remember(key, ETag);
      return { ETag, Key, version: await versionWritten(key, VersionId) };
    },
    async abort({ upload }) {
      const { key, uploadId } = uploadAt(upload);
      await s3.abortMultipartUpload({ Bucket, Key: key, UploadId: uploadId });
      return {};
    },
    async versioning({ status }) {
      await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: status } });
      return { status: (await s3.getBucketVersioning({ Bucket })).Status };
    },
  };

  function page(prefix: string | undefined, delimiter: string | undefined, limit: number | undefined) {
    return {
      ...(prefix !== undefined && { Prefix: prefix }),
      ...(delimiter !== undefined && { Delimiter: delimiter }),
      ...(limit !== undefined && { MaxKeys: limit }),
    };
  }

  return {
    perform: async (operation) => {
      // The table has a function for each kind of operation, which TypeScript cannot follow through the look-up.
      const act: (of: never) => Promise<Answer> = done[operation.kind];
      try {
        return await act(operation as never);
      } catch (error) {
        if (error instanceof S3ServiceException) {
          return { status: error.$metadata.httpStatusCode, code: error.name };
        }
        // Who is refused in the middle of a body may see its connection end instead.
        if (isConnectionError(error)) return { code: 'the connection ended' };
        throw error;
      }
    },
    close: () => s3.destroy(),
  };
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

function bytes({ sizeBytes, seed }: Body): Buffer {
  return Buffer.alloc(sizeBytes, `${seed},`);
}

/** Enough of a body to know it by. */
function summary(body: Buffer): string {
  return `${body.length} bytes: ${body.subarray(0, 60).toString('latin1')}`;
}

interface Description {
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ETag?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
  readonly TagCount?: number | undefined;
}

function described(answer: Description & { $metadata: { httpStatusCode?: number | undefined } }): Answer {
  const { ContentLength, ContentRange, ContentType, CacheControl, ETag, Metadata, TagCount } = answer;
  const status = answer.$metadata.httpStatusCode;
  return { status, ContentLength, ContentRange, ContentType, CacheControl, ETag, Metadata, TagCount };
}

function listed(answer: {
  Contents?: { Key?: string | undefined; Size?: number | undefined; ETag?: string | undefined }[] | undefined;
  CommonPrefixes?: { Prefix?: string | undefined }[] | undefined;
  IsTruncated?: boolean | undefined;
}): Answer {
  const { Contents = [], CommonPrefixes = [], IsTruncated } = answer;
  return {
    objects: Contents.map(({ Key, Size, ETag }) => ({ Key, Size, ETag })),
    CommonPrefixes,
    IsTruncated,
  };
}
