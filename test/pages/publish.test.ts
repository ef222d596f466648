import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundleFunction } from '../../infra/bundle.ts';
import { parseConfig } from '../../lib/config/load.ts';
import type { CustomResourceEvent } from '../../lib/hosts/custom-resource.ts';

interface Received {
  readonly path: string;
  readonly type: string | undefined;
  readonly cacheControl: string | undefined;
  readonly body: string;
}

/** S3 and CloudFormation in one: both are sent what is put. */
describe('the function that publishes the console', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-publisher-'));
  let received: Received[] = [];
  let status = 200;
  const server = createServer((request, response) => void receive(request, response));
  let url = '';
  let handler: (event: CustomResourceEvent) => Promise<void>;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { 'content-type': type, 'cache-control': cacheControl } = request.headers;
    const body = await text(request);
    received.push({ path: `${request.method} ${request.url}`, type, cacheControl, body });
    response.writeHead(request.url?.startsWith('/bucket') ? status : 200).end();
  }

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    url = `http://127.0.0.1:${port}`;
    bundleFunction('publish-console', parseConfig({ buckets: { files: {} } }), folder);
    mkdirSync(join(folder, 'console/assets'), { recursive: true });
    writeFileSync(join(folder, 'console/index.html'), '<title>Stowage</title>');
    writeFileSync(join(folder, 'console/docs.html'), '<title>Docs</title>');
    writeFileSync(join(folder, 'console/assets/main-A1B2.js'), 'start();');
    Object.assign(process.env, {
      STOWAGE_CONSOLE_BUCKET: 'bucket',
      STOWAGE_S3_ENDPOINT: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    });
    ({ handler } = await import(join(folder, 'publish-console.mjs')));
  });
  beforeEach(() => {
    received = [];
    status = 200;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (RequestType: CustomResourceEvent['RequestType']) =>
    handler({
      RequestType,
      ResponseURL: `${url}/answer?signature=x`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Published',
      ResourceProperties: { ServiceToken: 'publisher' },
    });
  const answer = () => JSON.parse(received.at(-1)?.body ?? '');

  test('puts what pages name before the pages, each with its type and its time to live', async () => {
    await ask('Create');
    expect(received.map(({ path }) => path)).toEqual([
      'PUT /bucket/assets/main-A1B2.js',
      expect.stringMatching(/^PUT \/bucket\/(?:docs|index)\.html$/),
      expect.stringMatching(/^PUT \/bucket\/(?:docs|index)\.html$/),
      'PUT /answer?signature=x',
    ]);
    expect(received[0]).toMatchObject({
      type: 'text/javascript; charset=utf-8',
      cacheControl: 'public, max-age=31536000, immutable',
      body: 'start();',
    });
    const page = received.find(({ path }) => path.endsWith('/index.html'));
    expect(page).toMatchObject({ cacheControl: 'no-cache', body: '<title>Stowage</title>' });
    expect(answer()).toMatchObject({ Status: 'SUCCESS', RequestId: 'request', StackId: 'stack' });
  });

  test('tells CloudFormation when S3 refuses', async () => {
    status = 403;
    await ask('Update');
    expect(answer()).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/./) });
  });

  test('does nothing when it is taken away', async () => {
    await ask('Delete');
    expect(received.map(({ path }) => path)).toEqual(['PUT /answer?signature=x']);
    expect(answer()).toMatchObject({ Status: 'SUCCESS' });
  });
});
