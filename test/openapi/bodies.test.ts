import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { openapiDocument } from '../../lib/openapi/document.ts';
import { operations } from '../../lib/openapi/operations.ts';
import { testCdn } from '../support/cdn-key.ts';
import { openTestService, type TestService } from '../support/service.ts';
import { callsOf } from './calls.ts';

/** Whatever the documented schema of a body does not take, in the whole or at any place of it, the service refuses. */

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

let service: TestService;
beforeAll(async () => {
  service = await openTestService({ buckets: { files: { cdn: {} } } }, { cdn: testCdn });
});
afterAll(() => service.stop());

const jsonSchema = v.looseObject({
  properties: v.optional(v.record(v.string(), v.unknown())),
  items: v.optional(v.unknown()),
  anyOf: v.optional(v.array(v.unknown())),
});
const requestBody = v.object({
  requestBody: v.object({
    content: v.object({ 'application/json': v.object({ schema: v.looseObject({}) }) }),
  }),
});

function schemaOf({ method, path }: (typeof operations)[number]): Record<string, unknown> {
  const operation = openapiDocument().paths[path]?.[method];
  return v.parse(requestBody, operation).requestBody.content['application/json'].schema;
}

const values: readonly unknown[] = [[], [[]], {}, 'text', 7, true, null];

/** The value with each of the other JSON types in its place, and in the place of everything that may be in it. */
function* mutantsOf(schema: unknown, value: unknown): Generator {
  yield* values;
  const { properties = {}, items, anyOf = [] } = v.parse(jsonSchema, schema);
  for (const one of anyOf) yield* mutantsOf(one, value);
  if (Array.isArray(value)) {
    for (const mutant of mutantsOf(items ?? {}, value[0])) yield [mutant, ...value.slice(1)];
  } else if (typeof value === 'object' && value !== null) {
    const known = new Map<string, unknown>(Object.entries(value));
    for (const [name, property] of Object.entries(properties)) {
      for (const mutant of mutantsOf(property, known.get(name))) yield { ...value, [name]: mutant };
    }
  }
}

async function mint(): Promise<string> {
  const grants = [{ bucket: 'files', actions: ['read'] }];
  const minted = await service.call('POST', '/v1/tokens', { grants });
  return v.parse(tokenAnswer, await minted.json()).token;
}

const withBody = operations.filter(({ body }) => body);

test.each(withBody.map((operation) => [operation.operationId, operation] as const))(
  '%s takes no body that its schema does not',
  async (operationId, operation) => {
    const [path, body = {}] = (await callsOf(service)[operationId]?.()) ?? [''];
    const schema = schemaOf(operation);
    const fits = ajv.compile(schema);
    expect(fits(body), ajv.errorsText(fits.errors)).toBe(true);
    const wrong = mutantsOf(schema, body)
      .filter((mutant) => !fits(mutant))
      .toArray();
    expect(wrong.length).toBeGreaterThan(3);
    for (const mutant of wrong) {
      const response = await service.call(operation.method.toUpperCase(), path, mutant);
      expect(await response.json(), JSON.stringify(mutant)).toMatchObject({
        status: 400,
        code: 'invalid_request',
        errors: expect.arrayContaining([expect.objectContaining({ path: expect.any(String) })]),
      });
    }
  },
);

test.each(
  operations.flatMap(({ operationId, query }) =>
    query ? Object.keys(query.entries).map((name) => [name, operationId] as const) : [],
  ),
)('the query parameter %s of %s stands there once', async (name, operationId) => {
  const { method = 'get' } = operations.find((one) => one.operationId === operationId) ?? {};
  const [path = '', body] = (await callsOf(service)[operationId]?.()) ?? [];
  // One that is no token is refused for that already.
  const value = name === 'access_token' ? await mint() : 'a';
  const twice = `${name}=${value}&${name}=${value}`;
  const target = `${path}${path.includes('?') ? '&' : '?'}${twice}`;
  const response = await service.call(method.toUpperCase(), target, body);
  expect(await response.json()).toMatchObject({
    status: 400,
    code: 'invalid_request',
    errors: [{ path: name }],
  });
});
