import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { GetObjectCommand, PutObjectCommand, S3 } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bytesOf, codeOf } from './acceptance/target.ts';
import { sendRaw } from './acceptance/wire.ts';
import { credentials, region, startStore } from './server.ts';

vi.setConfig({ testTimeout: 60_000 });

const domain = 's3.test';
/** Every name is this machine. */
const lookup: LookupFunction = (_, { all }, found) =>
  all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);
const httpAgent = new Agent({ lookup, keepAlive: true });
const Bucket = 'files';

function clientOf(port: string, forcePathStyle: boolean): S3 {
  return new S3({
    endpoint: `http://${domain}:${port}`,
    region,
    credentials,
    forcePathStyle,
    maxAttempts: 1,
    requestHandler: { httpAgent },
  });
}

/** Sends to this machine what is meant for the host of the URL. */
function sendTo(
  port: string,
  address: string,
  method: string,
  body: Iterable<Uint8Array> = [],
  headers = {},
) {
  const url = new URL(address);
  const host = url.host;
  url.host = `127.0.0.1:${port}`;
  return sendRaw(url.href, { method, headers: { host, ...headers }, body });
}

let store: Awaited<ReturnType<typeof startStore>>;
let port = '';
beforeAll(async () => {
  store = await startStore({ addressing: { domains: ['test', domain, 'localhost'], trustedProxyHops: 0 } });
  ({ port } = new URL(store.endpoint));
});
afterAll(async () => {
  httpAgent.destroy();
  await store.stop();
});

describe('a bucket that is a part of the host name', () => {
  test('is what the SDK works with', async () => {
    const s3 = clientOf(port, false);
    await s3.createBucket({ Bucket: 'a.dotted-name' });
    await s3.putObject({ Bucket: 'a.dotted-name', Key: 'k', Body: 'dotted' });
    const Key = 'ein/Schlüssel mit+Zeichen?.txt';
    await s3.putObject({ Bucket, Key, Body: 'text' });
    expect(String(await bytesOf(await s3.getObject({ Bucket, Key })))).toBe('text');
    expect((await s3.listObjectsV2({ Bucket })).Contents?.map((object) => object.Key)).toContain(Key);
    await s3.copyObject({ Bucket, Key: 'copy', CopySource: 'a.dotted-name/k' });
    const upload = new Upload({
      client: s3,
      params: { Bucket, Key: 'parts', Body: Buffer.alloc(6 * 2 ** 20) },
    });
    expect((await upload.done()).Location).toContain(`files.${domain}`);
    await s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key: 'parts' }] } });
    expect((await s3.listBuckets({})).Buckets?.map(({ Name }) => Name)).toEqual(['a.dotted-name', 'files']);
    expect(await codeOf(s3.getObject({ Bucket: 'missing', Key }))).toBe('NoSuchBucket');
    s3.destroy();
  });

  test('is the same bucket as in the path', async () => {
    const [virtual, path] = [clientOf(port, false), clientOf(port, true)];
    await path.putObject({ Bucket, Key: 'files/k', Body: 'path' });
    expect(String(await bytesOf(await virtual.getObject({ Bucket, Key: 'files/k' })))).toBe('path');
    virtual.destroy();
    path.destroy();
  });

  test('stands in presigned URLs and forms', async () => {
    const s3 = clientOf(port, false);
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'presigned' }));
    expect(new URL(put).host).toBe(`files.${domain}:${port}`);
    expect((await sendTo(port, put, 'PUT', [Buffer.from('signed')], { 'content-length': '6' })).status).toBe(
      200,
    );
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'presigned' }));
    expect((await sendTo(port, get, 'GET')).body).toBe('signed');
    // The signature covers the host: in another bucket's name it is worth nothing.
    const elsewhere = get.replace('//files.', '//a.dotted-name.');
    expect((await sendTo(port, elsewhere, 'GET')).code).toBe('SignatureDoesNotMatch');

    const { url, fields } = await createPresignedPost(s3, { Bucket, Key: 'form' });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob(['from a form']));
    const encoded = new Response(form);
    const body = Buffer.from(await encoded.arrayBuffer());
    const headers = {
      'content-type': encoded.headers.get('content-type') ?? '',
      'content-length': String(body.length),
    };
    const answer = await sendTo(port, url, 'POST', [body], headers);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      204,
      `http://files.${domain}:${port}/form`,
    ]);
    s3.destroy();
  });

  test('is preflighted, and none where the host is an address', async () => {
    const s3 = clientOf(port, false);
    const CORSConfiguration = {
      CORSRules: [{ AllowedOrigins: ['https://a.test'], AllowedMethods: ['GET'] }],
    };
    await s3.putBucketCors({ Bucket, CORSConfiguration });
    const asked = { origin: 'https://a.test', 'access-control-request-method': 'GET' };
    const preflight = (host: string, path: string) =>
      sendTo(port, `http://${host}${path}`, 'OPTIONS', [], asked);
    expect((await preflight(`FILES.${domain}`, '/k')).status).toBe(200);
    expect((await preflight(`files.localhost:${port}`, '/k')).status).toBe(200);
    expect((await preflight(`127.0.0.1:${port}`, '/files/k')).status).toBe(200);
    expect((await preflight(`127.0.0.1:${port}`, '/k')).status).toBe(403);
    expect((await preflight('files.elsewhere.test', '/k')).status).toBe(403);
    await s3.deleteBucketCors({ Bucket });
    s3.destroy();
  });
});

describe.each([
  ['believed', 1],
  ['not believed', 0],
])('a proxy that calls the store by another name, and is %s,', (_, trustedProxyHops) => {
  let behind: typeof store;
  let proxy: Server;
  let proxyPort = '';
  beforeAll(async () => {
    behind = await startStore({ addressing: { domains: [domain], trustedProxyHops } });
    proxy = createServer((incoming, response) => {
      const headers = {
        ...incoming.headers,
        host: 'upstream.internal',
        'x-forwarded-host': incoming.headers.host,
        'x-forwarded-proto': 'https',
        // What the client claims stands further left.
        'x-forwarded-for': `${String(incoming.headers['x-forwarded-for'] ?? '203.0.113.9')}, 192.0.2.7`,
      };
      const { method, url } = incoming;
      const outgoing = httpRequest(`${behind.endpoint}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(outgoing);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    proxyPort = String((proxy.address() as AddressInfo).port);
  });
  afterAll(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    await behind.stop();
  });

  test.each([
    ['virtual-host', false],
    ['path', true],
  ])('in %s style', async (style, forcePathStyle) => {
    const s3 = clientOf(proxyPort, forcePathStyle);
    const put = () => s3.putObject({ Bucket, Key: style, Body: 'through a proxy' });
    if (trustedProxyHops === 0) {
      expect(['SignatureDoesNotMatch', 'NoSuchBucket']).toContain(await codeOf(put()));
      s3.destroy();
      return;
    }
    await put();
    expect(String(await bytesOf(await s3.getObject({ Bucket, Key: style })))).toBe('through a proxy');
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: style }));
    expect((await sendTo(proxyPort, url, 'GET')).body).toBe('through a proxy');
    const upload = { Bucket, Key: 'parts' };
    const { UploadId } = await s3.createMultipartUpload(upload);
    const { ETag } = await s3.uploadPart({ ...upload, UploadId, PartNumber: 1, Body: 'part' });
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const { Location } = await s3.completeMultipartUpload({ ...upload, UploadId, MultipartUpload });
    expect(Location).toMatch(
      forcePathStyle ? /^https:\/\/s3\.test:\d+\/files\/parts$/ : /^https:\/\/files\.s3\.test:\d+\/parts$/,
    );
    const [first] = behind.store.events.read(0, 1);
    expect(first?.event.detail['source-ip-address']).toBe('192.0.2.7');
    s3.destroy();
  });
});
