import { readFileSync } from 'node:fs';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openapiDocument } from '../../lib/openapi/document.ts';
import { operations } from '../../lib/openapi/operations.ts';
import { testCdn } from '../support/cdn-key.ts';
import { openTestService, type TestService } from '../support/service.ts';
import { callsOf } from './calls.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

describe('the contract', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService(
      {
        buckets: { files: { cdn: {} } },
        quotas: [{ tenant: '*', bucket: 'files', maxBytes: 1e9 }],
      },
      { cdn: testCdn },
    );
  });
  afterAll(() => service.stop());

  test('in the tree is the one that the schemas give', () => {
    const written = readFileSync('lib/openapi/openapi.json', 'utf8');
    expect(written, 'run: npm run build:contract').toBe(`${JSON.stringify(openapiDocument(), null, 2)}\n`);
  });

  test('names each route that the app has, and no other', () => {
    const routes = service.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(
        ({ method, path }) =>
          `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}').replace(/(?<=.)\/$/, '')}`,
      );
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(new Set(routes)).toEqual(new Set(documented));
  });

  test('has a call for each operation', () => {
    expect(new Set(Object.keys(callsOf(service)))).toEqual(
      new Set(operations.map(({ operationId }) => operationId)),
    );
  });

  test.each(operations.map(({ operationId, ...rest }) => [operationId, rest] as const))(
    '%s answers as documented, and leaves its line in the audit log',
    async (operationId, { method, path: template, answer, isPublic }) => {
      const [path, body] = (await callsOf(service)[operationId]?.()) ?? [''];
      const response = await service.call(method.toUpperCase(), path, body);
      const text = await response.text();
      const issues = /X-Amz-Signature/i.test(text + (response.headers.get('location') ?? ''));
      const auditLines = service.auditLog.filter((line) =>
        line.includes(`"requestId":"${response.headers.get('x-request-id')}"`),
      );
      if (method !== 'get' || issues) expect(auditLines).not.toEqual([]);
      for (const line of auditLines) {
        expect(JSON.parse(line)).toMatchObject({
          action: `${method.toUpperCase()} ${template}`,
          decision: expect.stringMatching(/^(allowed|refused)$/),
          principal: { kind: 'root', sub: 'root' },
        });
        expect(line).not.toMatch(/X-Amz-|stowt?_\w{12}/);
      }
      expect(response.status, text).toBe(answer.status);
      expect(response.headers.get('x-request-id')).toBeTruthy();
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      // CloudFront gives its cookies their names.
      for (const cookie of response.headers.getSetCookie()) {
        expect(cookie).toMatch(/^(?:__Host-|CloudFront-(?:Policy|Signature|Key-Pair-Id|Hash-Algorithm)=)/);
      }
      if (answer.schema) {
        const schema = documentedSchema(operationId, answer.status);
        const validate = ajv.compile(schema);
        expect(validate(JSON.parse(text)), `${ajv.errorsText(validate.errors)}\n${text}`).toBe(true);
      }
      if (!isPublic) {
        const anonymous = await service.app.request(path, { method: method.toUpperCase() });
        expect(anonymous.status).toBe(401);
        expect(anonymous.headers.get('content-type')).toBe('application/problem+json');
        const problemSchema: object = openapiDocument().components.schemas.Problem;
        const validate = ajv.compile(problemSchema);
        expect(validate(await anonymous.json()), ajv.errorsText(validate.errors)).toBe(true);
      }
    },
  );

  const documentSchema = v.object({
    paths: v.record(
      v.string(),
      v.record(
        v.string(),
        v.object({
          operationId: v.string(),
          responses: v.record(
            v.string(),
            v.looseObject({
              content: v.optional(v.record(v.string(), v.object({ schema: v.looseObject({}) }))),
            }),
          ),
        }),
      ),
    ),
  });

  function documentedSchema(operationId: string, status: number): object {
    const { paths } = v.parse(documentSchema, openapiDocument());
    const operation = Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .find((one) => one.operationId === operationId);
    const schema = operation?.responses[status]?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`${operationId} documents no answer ${status}`);
    return schema;
  }
});
