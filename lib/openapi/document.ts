import { writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { errorTable } from '../errors.ts';
import { telling } from '../events/telling.ts';
import { problem } from '../http/schema.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';

/**
 * The contract as an OpenAPI 3.1 document, made of the schemas that validate. Run this file to write `openapi.json`
 * anew: the service ships that file, so that nothing of the making is loaded at run time, and a change of the contract
 * shows in review.
 */
export function openapiDocument() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stowage',
      version: '1',
      summary: 'Object storage and transfer',
      description:
        'Bytes travel straight to and from storage, by presigned addresses. The service decides and signs.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    webhooks: { objectEvent: objectEvent() },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key (stow_…), a delegated token (stowt_…), or an access token of a configured OpenID provider.',
        },
      },
      responses: {
        Problem: {
          description: 'A refusal (RFC 9457). `code` is stable and names the cause.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      schemas: { Problem: problemSchema() },
    },
  };
}

function describe({
  operationId,
  tag,
  summary,
  isPublic,
  path,
  query,
  body,
  isBodyOptional,
  answer,
}: Operation) {
  const parameters = [...pathParameters(path), ...(query ? queryParameters(query) : [])];
  return {
    operationId,
    tags: [tag],
    summary,
    ...(isPublic && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !isBodyOptional,
        content: { 'application/json': { schema: schemaOf(body, 'input') } },
      },
    }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.schema && {
          content: { 'application/json': { schema: schemaOf(answer.schema, 'output') } },
        }),
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** What the service itself sends. */
function objectEvent() {
  return {
    post: {
      tags: ['Webhooks'],
      summary:
        'An event, signed by Standard Webhooks. `uploadId` is with what the id of an upload of this service begins, up to the dot; it and `contentType` are there where storage tells of them, which S3 does not',
      security: [],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(telling, 'output') } },
      },
      responses: { '2XX': { description: 'It was received. After any other answer it comes again.' } },
    },
  };
}

function pathParameters(path: string) {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...(name === 'key' && { description: 'May hold slashes.' }),
    schema: { type: 'string' },
  }));
}

function queryParameters({ entries }: NonNullable<Operation['query']>) {
  return Object.entries(entries).map(([name, schema]) => ({
    name,
    in: 'query',
    required: schema.type !== 'optional',
    schema: schemaOf(schema, 'input'),
  }));
}

function problemSchema() {
  const schema = schemaOf(problem, 'output');
  return { ...schema, properties: { ...schema.properties, code: { enum: Object.keys(errorTable) } } };
}

function schemaOf(schema: v.GenericSchema, typeMode: 'input' | 'output') {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode,
    errorMode: 'ignore',
  });
  return rest;
}

if (import.meta.main) {
  writeFileSync(new URL('openapi.json', import.meta.url), `${JSON.stringify(openapiDocument(), null, 2)}\n`);
}
