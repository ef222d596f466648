import type { PolicyCondition } from '../storage/post-policy.ts';
import { toMetadataHeaders } from '../storage/user-metadata.ts';
import { xmlElement } from '../storage/xml.ts';
import { announcementText } from './announced.ts';
import { type Origin, ownMetadata } from './own-metadata.ts';
import type { Checksum, UploadCommand } from './schema.ts';

/**
 * An upload's announcement in S3's words. All of it is signed, so that storage itself refuses what differs.
 */

/** The exact headers of a PUT. */
export function putHeaders(command: UploadCommand, origin: Origin): Record<string, string> {
  return {
    'content-length': String(command.sizeBytes),
    ...objectHeaders(command, origin),
    ...(command.checksum && checksumHeaders(command.checksum)),
    ...(command.ifNoneMatch && { 'if-none-match': command.ifNoneMatch }),
  };
}

/** The headers that begin a multipart upload. A CRC64NVME is S3's own default, so parts need not carry theirs. */
export function multipartHeaders(command: UploadCommand, origin: Origin): Record<string, string> {
  return {
    ...objectHeaders(command, origin),
    ...(command.checksum && {
      'x-amz-checksum-algorithm': command.checksum.algorithm.toUpperCase(),
      'x-amz-checksum-type': 'FULL_OBJECT',
    }),
  };
}

/** The headers that complete a multipart upload. */
export function completionHeaders({
  checksum,
  ifNoneMatch,
}: Pick<UploadCommand, 'checksum' | 'ifNoneMatch'>): Record<string, string> {
  return {
    ...(checksum && {
      [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
      'x-amz-checksum-type': 'FULL_OBJECT',
    }),
    ...(ifNoneMatch && { 'if-none-match': ifNoneMatch }),
  };
}

/** The exact fields of a form. */
export function formFields(command: UploadCommand, origin: Origin): Record<string, string> {
  const { 'content-type': contentType, 'x-amz-tagging': _, ...metadata } = objectHeaders(command, origin);
  return {
    ...(contentType !== undefined && { 'Content-Type': contentType }),
    success_action_status: '201',
    ...metadata,
    ...(command.checksum && checksumHeaders(command.checksum)),
    ...(hasTags(command) && { tagging: taggingDocument(command.tags) }),
  };
}

/** What a form's policy demands beside its fields: the exact length. */
export function formConditions({ sizeBytes }: UploadCommand): PolicyCondition[] {
  return [['content-length-range', sizeBytes, sizeBytes]];
}

function objectHeaders(command: UploadCommand, origin: Origin): Record<string, string> {
  return {
    'content-type': command.contentType,
    ...toMetadataHeaders({
      ...command.metadata,
      ...ownMetadata({ ...origin, announced: announcementText(command) }),
    }),
    ...(hasTags(command) && { 'x-amz-tagging': new URLSearchParams(command.tags).toString() }),
  };
}

function hasTags({ tags }: UploadCommand): boolean {
  return Object.keys(tags).length > 0;
}

/** Servers verify a checksum only when the algorithm is named, too. */
function checksumHeaders({ algorithm, value }: Checksum): Record<string, string> {
  if (algorithm === 'md5') return { 'content-md5': value };
  return { 'x-amz-sdk-checksum-algorithm': algorithm.toUpperCase(), [`x-amz-checksum-${algorithm}`]: value };
}

function taggingDocument(tags: Readonly<Record<string, string>>): string {
  const set = Object.entries(tags).map(([key, value]) =>
    xmlElement('Tag', [xmlElement('Key', key), xmlElement('Value', value)]),
  );
  return xmlElement('Tagging', [xmlElement('TagSet', set)]).markup;
}
