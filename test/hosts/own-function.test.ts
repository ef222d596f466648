import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { bundleFunction } from '../../infra/bundle.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { openEventSource } from '../support/event-source.ts';
import { startLambda } from '../support/lambda-process.ts';
import { openLocalQueue, startLocalSqs } from '../support/local-sqs.ts';
import { startStandaloneProcess, type StandaloneProcess } from '../support/standalone.ts';

const repository = join(import.meta.dirname, '../..');
const checkout = mkdtempSync(join(tmpdir(), 'stowage-checkout-'));
afterAll(() => rmSync(checkout, { recursive: true }));
let service: StandaloneProcess | undefined;
afterEach(async () => {
  await service?.end('SIGKILL');
});

/** The README's code in the place that it names. */
beforeAll(() => {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const [, code = ''] = /```ts\n(?<code>\/\/ functions\/on-object-event\.ts\n.*?)```/s.exec(readme) ?? [];
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(7);
  mkdirSync(join(checkout, 'functions'));
  mkdirSync(join(checkout, 'infra'));
  cpSync(join(repository, 'infra/bundle.ts'), join(checkout, 'infra/bundle.ts'));
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'));
  cpSync(join(repository, 'functions/standalone.ts'), join(checkout, 'functions/standalone.ts'));
  cpSync(join(repository, 'package.json'), join(checkout, 'package.json'));
  symlinkSync(join(repository, 'lib'), join(checkout, 'lib'));
  writeFileSync(join(checkout, 'functions/on-object-event.ts'), code);
  writeFileSync(join(checkout, 'stowage.json'), '{"buckets":{"files":{}}}');
});

test("the README's five lines run in the process for each change", async () => {
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

test('and, bundled, on Lambda, with the messages of its own queue', async () => {
  const { bundleFunction: bundle }: { bundleFunction: typeof bundleFunction } = await import(
    pathToFileURL(join(checkout, 'infra/bundle.ts')).href
  );
  bundle('on-object-event', parseConfig({ buckets: { files: {} } }), join(checkout, 'task'));
  const sqs = await startLocalSqs();
  const urls = await sqs.createQueue(20);
  const queue = openLocalQueue(urls);
  const lambda = await startLambda(join(checkout, 'task/on-object-event.mjs'), {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    STOWAGE_S3_BUCKET_NAMES: JSON.stringify({ files: 'stowage-files-1a2b' }),
    STOWAGE_QUEUE_URL: urls.queueUrl,
    STOWAGE_DEAD_LETTER_QUEUE_URL: urls.deadLetterQueueUrl,
  });
  try {
    const created = {
      'detail-type': 'Object Created',
      time: '2026-11-25T12:00:00Z',
      detail: { bucket: { name: 'stowage-files-1a2b' }, object: { key: 'a/b.txt', sequencer: '01' } },
    };
    await queue.send([{ body: JSON.stringify(created) }, { body: 'no JSON' }]);
    expect(await openEventSource(queue, lambda).handOver()).toEqual({ taken: 2, again: [] });
    await expect.poll(lambda.output).toMatch(/"message":"Arrived".*"objectKey":"a\/b\.txt"/);
    expect(await queue.deadLetters()).toEqual([{ body: 'no JSON', reason: 'The message is not JSON.' }]);
  } finally {
    await lambda.stop();
    await queue.close();
    await sqs.stop();
  }
});
