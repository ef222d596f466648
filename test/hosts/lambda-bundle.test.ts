import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';
import { buildLambdaFunction, type LambdaFunction } from '../support/lambda-function.ts';
import { startLambda } from '../support/lambda-process.ts';
import { rootKey } from '../support/service.ts';

/** What every cold start pays for. A change of these figures is a decision, not an accident. */
const maxEntryBytes = 192 * 1024;

/** What client-dynamodb brings along. */
const ofSdk = /^(?:@(?:aws-sdk|aws-crypto|aws|smithy)\/|(?:bowser|mnemonist|obliterator)$)/;

describe('the bundle of the API function', () => {
  let built: LambdaFunction;
  beforeAll(async () => {
    built = await buildLambdaFunction(parseConfig({ buckets: { files: {} } }));
  });
  afterAll(() => built.close());

  /** The module that Lambda loads, and the chunks that it imports at once. */
  function eagerOutputs(path = 'dist/api.mjs', seen = new Set<string>()): Set<string> {
    seen.add(path);
    for (const { kind, path: next, external } of built.metafile.outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true && !seen.has(next)) eagerOutputs(next, seen);
    }
    return seen;
  }

  const modulesOf = (path: string) =>
    Object.keys(built.metafile.outputs[path]?.inputs ?? {}).map((input) =>
      input.replace(/^.*\bnode_modules\//, 'node_modules/'),
    );

  test(`is at most ${maxEntryBytes} bytes`, () => {
    const bytes = [...eagerOutputs()].map((path) => built.metafile.outputs[path]?.bytes ?? 0);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(maxEntryBytes);
  });

  test('loads these modules and no other', async () => {
    const modules = [...eagerOutputs()].flatMap(modulesOf).toSorted();
    await expect(
      `${modules.join('\n')}\n`,
      'if this is meant, run: npx vitest run test/hosts -u',
    ).toMatchFileSnapshot('lambda-bundle.modules.txt');
  });

  test('leaves to a lazy chunk what hardly a request needs', () => {
    const eager = eagerOutputs();
    const lazy = Object.keys(built.metafile.outputs)
      .filter((path) => !eager.has(path))
      .flatMap(modulesOf)
      .map((path) => path.replace(/^node_modules\/(@[^/]+\/[^/]+|[^/]+)\/.*/, '$1'))
      .filter((name) => !ofSdk.test(name));
    expect([...new Set(lazy)].toSorted()).toEqual([
      'jose',
      'lib/access/issuer-keys.ts',
      'lib/access/oidc.ts',
      'lib/access/verified-tokens.ts',
      'lib/config/bucket-lifecycle.ts',
      'lib/lifecycle/change.ts',
      'lib/lifecycle/merge.ts',
      'lib/lifecycle/read-lifecycle.ts',
      'lib/lifecycle/rule.ts',
      'lib/lifecycle/s3-document.ts',
      'lib/lifecycle/schema.ts',
      'lib/lifecycle/write-lifecycle.ts',
      'lib/openapi/openapi.json',
      'lib/records/dynamodb-send.ts',
      'lib/records/every-record.ts',
      'lib/storage/inventory-pages.ts',
      'lib/usage/list-days.ts',
      'lib/usage/read-usage.ts',
      'lib/usage/schema.ts',
    ]);
  });

  test('serves its first request without having loaded undici', async () => {
    const lambda = await startLambda(built.modulePath, built.environment);
    try {
      const { result, loadedModules } = await lambda.invoke(
        toApiGatewayEvent(
          'POST',
          '/v1/downloads',
          { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
          JSON.stringify({ items: [{ bucket: 'files', key: 'a b.txt' }] }),
        ),
      );
      expect(result.statusCode, result.body).toBe(200);
      expect(result.body).toContain('https://files.s3.us-east-1.amazonaws.com/a%20b.txt?');
      // One line of the audit log: of this request, and none of the one that primed.
      await expect.poll(lambda.output).toMatch(/\n$/);
      expect(
        lambda
          .output()
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toMatchObject([
        { action: 'POST /v1/downloads', key: 'a b.txt', address: '192.0.2.1', principal: { kind: 'root' } },
      ]);
      expect(loadedModules.filter((name) => name.includes('undici'))).toEqual([]);
    } finally {
      await lambda.stop();
    }
  });

  test.each([
    ['without its variables', { STOWAGE_ROOT_KEY_SECRET_ARN: '' }, /STOWAGE_ROOT_KEY_SECRET_ARN must be set/],
    [
      'without a secret',
      { STOWAGE_ROOT_KEY_SECRET_ARN: 'arn:aws:secretsmanager:x' },
      /ResourceNotFoundException/,
    ],
  ])('does not begin to serve %s', async (_, change, complaint) => {
    await expect(startLambda(built.modulePath, { ...built.environment, ...change })).rejects.toThrow(
      complaint,
    );
  });
});
