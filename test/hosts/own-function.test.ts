import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startStandaloneProcess, type StandaloneProcess } from '../support/standalone.ts';

const repository = join(import.meta.dirname, '../..');
const checkout = mkdtempSync(join(tmpdir(), 'stowage-checkout-'));
afterAll(() => rmSync(checkout, { recursive: true }));
let service: StandaloneProcess | undefined;
afterEach(async () => {
  await service?.end('SIGKILL');
});

/** The README's code in the place that it names. */
function putReadmeExample(): void {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const [, code = ''] = /```ts\n(?<code>\/\/ functions\/on-object-event\.ts\n.*?)```/s.exec(readme) ?? [];
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(7);
  mkdirSync(join(checkout, 'functions'));
  cpSync(join(repository, 'functions/standalone.ts'), join(checkout, 'functions/standalone.ts'));
  cpSync(join(repository, 'package.json'), join(checkout, 'package.json'));
  symlinkSync(join(repository, 'lib'), join(checkout, 'lib'));
  writeFileSync(join(checkout, 'functions/on-object-event.ts'), code);
  writeFileSync(join(checkout, 'stowage.json'), '{"buckets":{"files":{}}}');
}

test("the README's five lines run in the process for each change", async () => {
  putReadmeExample();
  const credentials = { accessKeyId: 'OWN', secretAccessKey: 'only-for-tests' };
  service = await startStandaloneProcess({
    checkout,
    dataDir: join(checkout, 'data'),
    environment: {
      STOWAGE_S3_ACCESS_KEY_ID: credentials.accessKeyId,
      STOWAGE_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
  const s3 = new S3({ endpoint: service.s3Url, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.putObject({ Bucket: 'files', Key: 'a/b.txt', Body: 'x' });
  await expect.poll(() => service?.output()).toMatch(/"message":"Arrived".*"objectKey":"a\/b\.txt"/);
  s3.destroy();
});
