import { decodeKey, nextOf, required } from './answers.ts';
import type { Connection, S3Response } from './connection.ts';
import type { ObjectAddress } from './signing.ts';
import { fromMetadataHeaders } from './user-metadata.ts';
import { parseXml, xmlDocument, xmlElement, type XmlNode } from './xml.ts';

/** A part that storage holds. */
export interface StoredPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
}

/** An object's head: all that is known of it without its bytes. */
export interface ObjectHead {
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** Such as `gzip`: the bytes are coded so. Default: they are as they are. */
  readonly contentEncoding?: string | undefined;
  readonly lastModified: Date;
  readonly storageClass: string;
  /** Of an archived object: its readable copy. */
  readonly restore?: { readonly inProgress: boolean; readonly availableUntil?: Date };
  readonly versionId?: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Base64 by S3's algorithm name in lower case: `crc32`, `sha256`, … */
  readonly checksums: Readonly<Record<string, string>>;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date;
  readonly storageClass: string;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** Where the next page begins; absent on the last one. */
  readonly continuation?: string;
}

export type MultipartUpload = ObjectAddress & { readonly storageUploadId: string };

/** S3's operations, as far as the service itself calls them. Each throws {@link S3Error} for what storage refuses. */
export interface Operations {
  createMultipartUpload: (
    object: ObjectAddress,
    headers: Readonly<Record<string, string>>,
  ) => Promise<string>;
  /** Every page. */
  listParts: (upload: MultipartUpload) => Promise<StoredPart[]>;
  completeMultipartUpload: (
    upload: MultipartUpload,
    parts: readonly { readonly partNumber: number; readonly etag: string }[],
    headers: Readonly<Record<string, string>>,
  ) => Promise<void>;
  abortMultipartUpload: (upload: MultipartUpload) => Promise<void>;
  head: (object: ObjectAddress & { readonly versionId?: string | undefined }) => Promise<ObjectHead>;
  list: (
    bucket: string,
    query: {
      prefix: string;
      delimiter?: string | undefined;
      limit: number;
      continuation?: string | undefined;
      /** Only keys behind this one. */
      startAfter?: string | undefined;
    },
  ) => Promise<ObjectPage>;
  delete: (object: ObjectAddress & { readonly versionId?: string | undefined }) => Promise<void>;
  /** At most 1,000 keys. Answers with the keys that were not deleted and S3's code for each. */
  deleteMany: (bucket: string, keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** A request as small as can be: does storage answer, and does it know us? */
  check: (bucket: string, timeoutSeconds: number) => Promise<void>;
}

const checksumHeader = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

export function createOperations({ send }: Connection): Operations {
  return {
    async createMultipartUpload({ bucket, key }, headers) {
      const { body } = await send({ method: 'POST', bucket, key, query: [['uploads', '']], headers });
      return required(parseXml(body), 'UploadId');
    },

    async listParts({ bucket, key, storageUploadId }) {
      const parts: StoredPart[] = [];
      for (let marker: string | undefined = '0'; marker !== undefined;) {
        const query = [
          ['uploadId', storageUploadId],
          ['max-parts', '1000'],
          ['part-number-marker', marker],
        ] as const;
        const page = parseXml((await send({ method: 'GET', bucket, key, query })).body);
        parts.push(...page.all('Part').map(toPart));
        marker = nextOf(page, 'NextPartNumberMarker');
      }
      return parts;
    },

    async completeMultipartUpload({ bucket, key, storageUploadId }, parts, headers) {
      const body = xmlDocument(
        xmlElement(
          'CompleteMultipartUpload',
          parts.map(({ partNumber, etag }) =>
            xmlElement('Part', [xmlElement('PartNumber', partNumber), xmlElement('ETag', `"${etag}"`)]),
          ),
          ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"',
        ),
      );
      await send(
        { method: 'POST', bucket, key, query: [['uploadId', storageUploadId]], headers, body },
        // Putting thousands of parts together takes S3 a while.
        { timeoutSeconds: 25 },
      );
    },

    async abortMultipartUpload({ bucket, key, storageUploadId }) {
      await send({ method: 'DELETE', bucket, key, query: [['uploadId', storageUploadId]] });
    },

    async head({ bucket, key, versionId }) {
      const headers = { 'x-amz-checksum-mode': 'ENABLED' };
      return toHead(await send({ method: 'HEAD', bucket, key, query: versionQuery(versionId), headers }));
    },

    async list(bucket, { prefix, delimiter, limit, continuation, startAfter }) {
      const query: [string, string][] = [
        ['list-type', '2'],
        ['encoding-type', 'url'],
        ['max-keys', String(limit)],
        ['prefix', prefix],
      ];
      if (delimiter !== undefined) query.push(['delimiter', delimiter]);
      if (continuation !== undefined) query.push(['continuation-token', continuation]);
      if (startAfter !== undefined) query.push(['start-after', startAfter]);
      const page = parseXml((await send({ method: 'GET', bucket, query })).body);
      const next = nextOf(page, 'NextContinuationToken');
      return {
        objects: page.all('Contents').map(toListedObject),
        prefixes: page.all('CommonPrefixes').map((node) => decodeKey(required(node, 'Prefix'))),
        ...(next !== undefined && { continuation: next }),
      };
    },

    async delete({ bucket, key, versionId }) {
      await send({ method: 'DELETE', bucket, key, query: versionQuery(versionId) });
    },

    async deleteMany(bucket, keys) {
      const objects = keys.map((key) => xmlElement('Object', [xmlElement('Key', key)]));
      const body = xmlDocument(xmlElement('Delete', [xmlElement('Quiet', true), ...objects]));
      const answer = parseXml((await send({ method: 'POST', bucket, query: [['delete', '']], body })).body);
      return new Map(answer.all('Error').map((node) => [required(node, 'Key'), required(node, 'Code')]));
    },

    async check(bucket, timeoutSeconds) {
      const query = [
        ['list-type', '2'],
        ['max-keys', '0'],
      ] as const;
      await send({ method: 'GET', bucket, query }, { attempts: 1, timeoutSeconds });
    },
  };
}

function versionQuery(versionId: string | undefined): [string, string][] {
  return versionId === undefined ? [] : [['versionId', versionId]];
}

function unquote(etag: string): string {
  return etag.replaceAll('"', '');
}

function toPart(node: XmlNode): StoredPart {
  return {
    partNumber: Number(required(node, 'PartNumber')),
    sizeBytes: Number(required(node, 'Size')),
    etag: unquote(required(node, 'ETag')),
  };
}

function toListedObject(node: XmlNode): ListedObject {
  return {
    key: decodeKey(required(node, 'Key')),
    sizeBytes: Number(required(node, 'Size')),
    etag: unquote(required(node, 'ETag')),
    lastModified: new Date(required(node, 'LastModified')),
    storageClass: node.value('StorageClass') ?? 'STANDARD',
  };
}

function toHead({ headers }: S3Response): ObjectHead {
  const text = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const versionId = text('x-amz-version-id');
  const restore = readRestore(text('x-amz-restore'));
  return {
    sizeBytes: Number(headers['content-length']),
    etag: unquote(headers.etag ?? ''),
    contentType: headers['content-type'] ?? 'application/octet-stream',
    contentEncoding: headers['content-encoding'],
    lastModified: new Date(headers['last-modified'] ?? 0),
    storageClass: text('x-amz-storage-class') ?? 'STANDARD',
    ...(restore && { restore }),
    ...(versionId !== undefined && versionId !== 'null' && { versionId }),
    metadata: fromMetadataHeaders(headers),
    checksums: Object.fromEntries(
      Object.keys(headers).flatMap((name) => {
        const checksum = checksumHeader.exec(name)?.[1];
        const value = text(name);
        return checksum !== undefined && value !== undefined ? [[checksum, value]] : [];
      }),
    ),
  };
}

/** `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"` */
function readRestore(header: string | undefined): ObjectHead['restore'] {
  if (header === undefined) return undefined;
  const until = Date.parse(/expiry-date="(?<date>[^"]*)"/.exec(header)?.groups?.['date'] ?? '');
  return {
    inProgress: header.includes('ongoing-request="true"'),
    ...(!Number.isNaN(until) && { availableUntil: new Date(until) }),
  };
}
