import * as v from 'valibot';
import { meAnswer, meQuery, revokeCommand, tokenAnswer, tokenCommand } from '../access/schema.ts';
import { bucketsAnswer } from '../buckets/schema.ts';
import { contentQuery, downloadsAnswer, downloadsCommand } from '../downloads/schema.ts';
import { liveAnswer, readyAnswer } from '../health/schema.ts';
import {
  keyAnswer,
  keyChange,
  keyCommand,
  keysAnswer,
  keysQuery,
  newKeyAnswer,
  rotateCommand,
  rotatedKeyAnswer,
} from '../keys/schema.ts';
import {
  deleteAnswer,
  deleteCommand,
  listAnswer,
  listQuery,
  objectAnswer,
  versionQuery,
} from '../objects/schema.ts';
import {
  completeCommand,
  completedAnswer,
  maxPartCount,
  partsAnswer,
  partsCommandFor,
  uploadAnswer,
  uploadCommand,
  uploadsAnswer,
  uploadsQuery,
  uploadStatusAnswer,
} from '../uploads/schema.ts';
import { usageAnswer } from '../usage/schema.ts';

/** A route as the contract describes it. The schemas are the ones that validate. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{parameters}` as OpenAPI writes them. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly isPublic?: true;
  readonly query?: v.GenericSchema & { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  readonly body?: v.GenericSchema;
  readonly isBodyOptional?: true;
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema?: v.GenericSchema;
  };
}

/** Every route of the service. A test holds this list against the routes that the app really has. */
export const operations: readonly Operation[] = [
  {
    method: 'get',
    path: '/health/live',
    operationId: 'getLiveness',
    tag: 'Health',
    summary: 'Is the process up?',
    isPublic: true,
    answer: { status: 200, description: 'It is.', schema: liveAnswer },
  },
  {
    method: 'get',
    path: '/health/ready',
    operationId: 'getReadiness',
    tag: 'Health',
    summary: 'Does all that the service depends on answer? 503 if not.',
    isPublic: true,
    answer: { status: 200, description: 'All of it does.', schema: readyAnswer },
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'getContract',
    tag: 'Contract',
    summary: 'This document',
    isPublic: true,
    answer: { status: 200, description: 'OpenAPI 3.1.', schema: v.looseObject({ openapi: v.string() }) },
  },
  {
    method: 'get',
    path: '/v1/me',
    operationId: 'getMe',
    tag: 'Access',
    summary:
      'Who am I, what may I do, and what time is it on the server? `explain=read:bucket/key` tells why an act is allowed or not',
    query: meQuery,
    answer: { status: 200, description: 'The caller.', schema: meAnswer },
  },
  {
    method: 'post',
    path: '/v1/tokens',
    operationId: 'createToken',
    tag: 'Access',
    summary: "Make a delegated token: a short-lived subset of the caller's grants, for a browser or a mobile",
    body: tokenCommand,
    answer: { status: 201, description: 'The token, shown this once.', schema: tokenAnswer },
  },
  {
    method: 'post',
    path: '/v1/tokens/revoke',
    operationId: 'revokeToken',
    tag: 'Access',
    summary:
      'End a token before its time, all tokens that were made with it, and the uploads that they began',
    body: revokeCommand,
    answer: { status: 204, description: 'Within 30 seconds it counts nowhere any more.' },
  },
  {
    method: 'post',
    path: '/v1/keys',
    operationId: 'createKey',
    tag: 'Keys',
    summary: "Make an API key: a lasting subset of the caller's grants, for a server",
    body: keyCommand,
    answer: { status: 201, description: 'The key; its text is shown this once.', schema: newKeyAnswer },
  },
  {
    method: 'get',
    path: '/v1/keys',
    operationId: 'listKeys',
    tag: 'Keys',
    summary: "The API keys of the caller's tenant; a page may be empty while there is a cursor",
    query: keysQuery,
    answer: { status: 200, description: 'A page, without their texts.', schema: keysAnswer },
  },
  {
    method: 'get',
    path: '/v1/keys/{keyId}',
    operationId: 'getKey',
    tag: 'Keys',
    summary: 'What is known of an API key',
    answer: { status: 200, description: 'The key, without its text.', schema: keyAnswer },
  },
  {
    method: 'patch',
    path: '/v1/keys/{keyId}',
    operationId: 'changeKey',
    tag: 'Keys',
    summary: 'Disable an API key, or enable it again',
    body: keyChange,
    answer: { status: 200, description: 'The key as it is now.', schema: keyAnswer },
  },
  {
    method: 'post',
    path: '/v1/keys/{keyId}/rotate',
    operationId: 'rotateKey',
    tag: 'Keys',
    summary: 'Give an API key a new text; for a while the old one may be accepted, too',
    body: rotateCommand,
    isBodyOptional: true,
    answer: { status: 200, description: 'The new text, shown this once.', schema: rotatedKeyAnswer },
  },
  {
    method: 'delete',
    path: '/v1/keys/{keyId}',
    operationId: 'deleteKey',
    tag: 'Keys',
    summary: 'Delete an API key',
    answer: { status: 204, description: 'It is not accepted any more.' },
  },
  {
    method: 'get',
    path: '/v1/buckets',
    operationId: 'listBuckets',
    tag: 'Buckets',
    summary: 'The buckets that the caller may see, with their rules',
    answer: { status: 200, description: 'The buckets.', schema: bucketsAnswer },
  },
  {
    method: 'post',
    path: '/v1/uploads',
    operationId: 'createUpload',
    tag: 'Uploads',
    summary: 'Begin an upload: signed addresses to send the bytes to',
    body: uploadCommand,
    answer: { status: 201, description: 'Where and how to send the bytes.', schema: uploadAnswer },
  },
  {
    method: 'get',
    path: '/v1/uploads',
    operationId: 'listUploads',
    tag: 'Uploads',
    summary: 'Unfinished multipart uploads',
    query: uploadsQuery,
    answer: { status: 200, description: 'What storage holds parts of.', schema: uploadsAnswer },
  },
  {
    method: 'get',
    path: '/v1/uploads/{uploadId}',
    operationId: 'getUpload',
    tag: 'Uploads',
    summary: 'How far is an upload? All parts that storage has received',
    answer: { status: 200, description: 'Its state.', schema: uploadStatusAnswer },
  },
  {
    method: 'delete',
    path: '/v1/uploads/{uploadId}',
    operationId: 'abortUpload',
    tag: 'Uploads',
    summary: 'Abort an upload; its parts are thrown away',
    answer: { status: 204, description: 'It is gone.' },
  },
  {
    method: 'post',
    path: '/v1/uploads/{uploadId}/parts',
    operationId: 'signParts',
    tag: 'Uploads',
    summary: 'Fresh addresses of parts, just in time or after expiry',
    body: partsCommandFor(maxPartCount),
    answer: { status: 200, description: 'The addresses, in the order asked.', schema: partsAnswer },
  },
  {
    method: 'post',
    path: '/v1/uploads/{uploadId}/complete',
    operationId: 'completeUpload',
    tag: 'Uploads',
    summary: 'Complete an upload and verify its size, type and checksum; idempotent',
    body: completeCommand,
    isBodyOptional: true,
    answer: { status: 200, description: 'The object.', schema: completedAnswer },
  },
  {
    method: 'post',
    path: '/v1/downloads',
    operationId: 'createDownloads',
    tag: 'Downloads',
    summary: 'Signed addresses of objects',
    body: downloadsCommand,
    answer: { status: 200, description: 'An address or a reason for each item.', schema: downloadsAnswer },
  },
  {
    method: 'get',
    path: '/v1/content/{bucket}/{key}',
    operationId: 'getContent',
    tag: 'Downloads',
    summary: 'A redirect to the bytes; a delegated token may stand in the query',
    query: contentQuery,
    answer: { status: 302, description: 'The signed address is in Location.' },
  },
  {
    method: 'get',
    path: '/v1/objects/{bucket}',
    operationId: 'listObjects',
    tag: 'Objects',
    summary: 'List the objects of a bucket',
    query: listQuery,
    answer: { status: 200, description: 'A page.', schema: listAnswer },
  },
  {
    method: 'get',
    path: '/v1/objects/{bucket}/{key}',
    operationId: 'getObject',
    tag: 'Objects',
    summary: 'What is known of an object',
    query: versionQuery,
    answer: { status: 200, description: 'Its metadata.', schema: objectAnswer },
  },
  {
    method: 'delete',
    path: '/v1/objects/{bucket}/{key}',
    operationId: 'deleteObject',
    tag: 'Objects',
    summary: 'Delete an object',
    query: versionQuery,
    answer: { status: 204, description: 'It is not there any more.' },
  },
  {
    method: 'post',
    path: '/v1/objects/{bucket}/delete',
    operationId: 'deleteObjects',
    tag: 'Objects',
    summary: 'Delete up to 1,000 objects, with a result for each',
    body: deleteCommand,
    answer: { status: 200, description: 'A result for each key.', schema: deleteAnswer },
  },
  {
    method: 'get',
    path: '/v1/usage',
    operationId: 'getUsage',
    tag: 'Usage',
    summary:
      "What the caller's tenant takes of each bucket that has a quota; what every tenant takes, for an admin without a tenant",
    answer: { status: 200, description: 'Bytes, objects and quotas.', schema: usageAnswer },
  },
];
