import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Each file breaks one of the house's import rules; the linter must say so in that file. */
const breaches: Readonly<Record<string, string>> = {
  'lib/uploads/reaches-up.ts': `import { handler } from '../../functions/api.ts';\nexport const used = handler;\n`,
  'lib/uploads/reaches-infra.ts': `import { app } from '../../infra/app.ts';\nexport const used = app;\n`,
  'lib/uploads/vendor.ts': `import { S3Client } from '@aws-sdk/client-s3';\nexport const used = S3Client;\n`,
  'lib/uploads/database.ts': `import { DatabaseSync } from 'node:sqlite';\nexport const used = DatabaseSync;\n`,
  'lib/uploads/limits.ts': `import { rateLimiter } from 'hono-rate-limiter';\nexport const used = rateLimiter;\n`,
  'lib/access/claims.ts': `import { jwtVerify } from 'jose';\nexport const used = jwtVerify;\n`,
  'lib/uploads/xml.ts': `import { parseXml } from '@rgrove/parse-xml';\nexport const used = parseXml;\n`,
  'lib/embedded/server.ts': `import { serve } from '@hono/node-server';\nexport const used = serve;\n`,
  'lib/storage/client.ts': `import { crc32 } from '@node-rs/crc32';\nexport const used = crc32;\n`,
  'lib/records/dynamodb-item.ts': `import { S3Client } from '@aws-sdk/client-s3';\nexport const used = S3Client;\n`,
  'lib/records/port.ts': `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nexport const used = DynamoDBClient;\n`,
  'lib/records/change.ts': `import { DatabaseSync } from 'node:sqlite';\nexport const used = DatabaseSync;\n`,
  'lib/uploads/decide.ts': `export const used = Date.now();\n`,
  'lib/downloads/decide.ts': `import { readFileSync } from 'node:fs';\nexport const used = readFileSync;\n`,
  'lib/objects/decide.ts': `export const used = () => fetch('http://127.0.0.1');\n`,
  'lib/client/upload.ts': `import { StowageError } from '../errors.ts';\nexport const used = StowageError;\n`,
  'lib/client/vendor.ts': `import { Hono } from 'hono';\nexport const used = Hono;\n`,
  'functions/cli.ts': `import { createApp } from '../lib/app.ts';\nexport const used = createApp;\n`,
  'functions/console/main.ts': `import { createApp } from '../../lib/app.ts';\nexport const used = createApp;\n`,
  'functions/api.ts': `import { app } from '../infra/app.ts';\nexport const used = app;\n`,
  'infra/stack.ts': `import { createApp } from '../lib/app.ts';\nexport const used = createApp;\n`,
  'lib/cycle/one.ts': `import { two } from './two.ts';\nexport const one = () => two;\n`,
  'lib/barrel/index.ts': `export * from './one.ts';\n`,
  'lib/any.ts': `export const used = (input: any) => input;\n`,
};

/** Neighbours that the breaches import, and lawful files that must pass. */
const lawful: Readonly<Record<string, string>> = {
  'lib/cycle/two.ts': `import { one } from './one.ts';\nexport const two = () => one;\n`,
  'lib/barrel/one.ts': `export const one = 1;\n`,
  'lib/storage/xml.ts': `import { parseXml } from '@rgrove/parse-xml';\nexport const used = parseXml;\n`,
  'lib/embedded/index.ts': `import { DatabaseSync } from 'node:sqlite';\nexport const used = DatabaseSync;\n`,
  'lib/sqlite/database.ts': `import { DatabaseSync } from 'node:sqlite';\nexport const used = DatabaseSync;\n`,
  'lib/records/sqlite.ts': `import { DatabaseSync } from 'node:sqlite';\nexport const used = DatabaseSync;\n`,
  'lib/records/dynamodb.ts': `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nexport const used = DynamoDBClient;\n`,
  'lib/access/oidc.ts': `import { jwtVerify } from 'jose';\nexport const used = jwtVerify;\n`,
  'lib/hosts/node.ts': `import { serve } from '@hono/node-server';\nexport const used = serve;\n`,
  'functions/cli/put.ts': `import { createClient } from '../../lib/client/client.ts';\nexport const used = createClient;\n`,
  'functions/standalone.ts': `import { createApp } from '../lib/app.ts';\nexport const used = createApp;\n`,
  'infra/data-stack.ts': `import { loadConfig } from '../lib/config/load.ts';\nexport const used = loadConfig;\n`,
};

describe('the import rules of the house', () => {
  const house = mkdtempSync(join(tmpdir(), 'stowage-house-'));
  let complaints: readonly string[] = [];

  beforeAll(() => {
    copyFileSync('.oxlintrc.json', join(house, '.oxlintrc.json'));
    for (const [path, text] of Object.entries({ ...breaches, ...lawful })) {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), text);
    }
    const { stdout } = spawnSync(resolve('node_modules/.bin/oxlint'), ['--format=unix'], {
      cwd: house,
      encoding: 'utf8',
    });
    complaints = stdout.split('\n');
  });

  afterAll(() => rmSync(house, { recursive: true }));

  test.each(Object.keys(breaches))('the linter refuses %s', (path) => {
    expect(complaints.filter((line) => line.includes(path))).not.toEqual([]);
  });

  test.each(Object.keys(lawful).filter((path) => !path.startsWith('lib/cycle/')))(
    'the linter takes %s',
    (path) => {
      expect(complaints.filter((line) => line.includes(path))).toEqual([]);
    },
  );
});
