import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type StowageClient } from '../../lib/client/client.ts';
import { takeApart, testCdn, verifiedStatement } from '../support/cdn-key.ts';
import { openTestService, rootKey, type TestService } from '../support/service.ts';

/** Every method of the client against the real service and store. */

const apiUrl = 'http://stowage.test';
const pageOrigin = 'https://app.example.com';
const big = randomBytes(33 * 2 ** 20);

let service: TestService;
let client: StowageClient;

beforeAll(async () => {
  service = await openTestService(
    { buckets: { files: { cdn: {} } }, access: { corsOrigins: [pageOrigin] } },
    { cdn: testCdn },
  );
  client = clientAs(rootKey);
});

afterAll(() => service.stop());

/** The API in this process, storage over the loopback. */
function clientAs(credential: string): StowageClient {
  return createClient({
    baseUrl: apiUrl,
    credential,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return request.url.startsWith(apiUrl) ? service.app.request(request) : fetch(request);
    },
  });
}

async function readAll(key: string, sizeBytes: number): Promise<Buffer> {
  const pieces = client.download({ bucket: 'files', key }).read({ start: 0, end: sizeBytes });
  return Buffer.concat(await Array.fromAsync(pieces));
}

test('me and buckets', async () => {
  const me = await client.me();
  expect(me).toMatchObject({ principal: { kind: 'root' }, grants: [{ bucket: '*' }] });
  expect(Math.abs(Date.parse(me.serverTime) - Date.now())).toBeLessThan(60_000);
  expect(await client.buckets()).toMatchObject([
    { name: 'files', contentTypes: ['*/*'], versioning: false, abandonedUploadDays: 7 },
  ]);
});

test('API keys and tokens are made, listed and ended', async () => {
  const grants = [{ bucket: 'files', prefix: 'ci/', actions: ['write'] as const }];
  const { keyId, key } = await client.keys.create({ name: 'ci', grants });
  expect(await clientAs(key).me()).toMatchObject({ principal: { kind: 'key', sub: keyId }, grants });
  expect(await client.keys.list()).toMatchObject([{ keyId, name: 'ci', enabled: true }]);
  const rotated = await client.keys.rotate(keyId, 60);
  expect(Date.parse(rotated.previousUntil ?? '')).toBeGreaterThan(Date.now());
  expect(await client.keys.setEnabled(keyId, false)).toMatchObject({ enabled: false });
  await expect(clientAs(rotated.key).me()).rejects.toMatchObject({ code: 'invalid_credentials' });
  await client.keys.delete(keyId);
  expect(await client.keys.list()).toEqual([]);

  const { token, tokenId } = await client.mintToken({ grants });
  await client.revokeToken(tokenId);
  await expect(clientAs(token).me()).rejects.toMatchObject({ code: 'credentials_revoked' });
});

test('a page of another origin may read what the client needs', async () => {
  const { headers } = await service.app.request('/v1/me', { headers: { origin: pageOrigin } });
  const exposed = (headers.get('access-control-expose-headers') ?? '').split(/, ?/);
  expect(exposed).toEqual(expect.arrayContaining(['date', 'retry-after']));
});

describe('upload', () => {
  test('a small source with all that can be said of it', async () => {
    const bytes = Buffer.from('small');
    const checksum = { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('base64') };
    const done = await client.upload(new Blob([bytes], { type: 'text/plain' }), {
      bucket: 'files',
      key: 'small ä+1.txt',
      checksum,
      metadata: { author: 'Zoë' },
      tags: { kind: 'note' },
    });
    expect(done).toMatchObject({ key: 'small ä+1.txt', sizeBytes: 5, contentType: 'text/plain', checksum });
    expect(await client.object('files', 'small ä+1.txt')).toMatchObject({
      etag: done.etag,
      metadata: { author: 'Zoë' },
      checksums: { sha256: checksum.value },
    });
  });

  test('an empty source', async () => {
    expect(await client.upload(new Blob([]), { bucket: 'files', key: 'empty' })).toMatchObject({
      sizeBytes: 0,
    });
  });

  test('bytes that do not fit their checksum are refused by storage', async () => {
    const checksum = { algorithm: 'sha256', value: createHash('sha256').update('other').digest('base64') };
    await expect(
      client.upload(new Blob(['bytes']), { bucket: 'files', key: 'wrong', checksum }),
    ).rejects.toMatchObject({ name: 'StorageError', status: 400, code: 'BadDigest' });
  });

  test('ifNoneMatch does not replace an object', async () => {
    await client.upload(new Blob(['first']), { bucket: 'files', key: 'once' });
    await expect(
      client.upload(new Blob(['second']), { bucket: 'files', key: 'once', ifNoneMatch: '*' }),
    ).rejects.toMatchObject({ name: 'StowageApiError', status: 409, code: 'object_exists' });
    expect((await readAll('once', 5)).toString()).toBe('first');
  });

  test('a large source goes in parts, is stopped, looked at, and goes on from its id alone', async () => {
    const stop = new AbortController();
    const ids: string[] = [];
    const source = new Blob([big]);
    const stopped = client.upload(source, {
      bucket: 'files',
      key: 'big',
      parallelParts: 1,
      signal: stop.signal,
      onUploadId: (id) => void ids.push(id),
      onProgress: ({ sentBytes }) => sentBytes > 0 && stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    const [uploadId = ''] = ids;
    const status = await client.uploadStatus(uploadId);
    expect(status).toMatchObject({ state: 'pending', sizeBytes: big.length, partCount: 3 });
    expect(status.parts.map(({ partNumber }) => partNumber)).toEqual([1]);

    const sent: number[] = [];
    const done = await clientAs(rootKey).upload(source, {
      bucket: 'files',
      key: 'big',
      resume: uploadId,
      onProgress: ({ sentBytes }) => sent.push(sentBytes),
    });
    expect(done).toMatchObject({ key: 'big', sizeBytes: big.length });
    expect(sent[0]).toBe(status.partSizeBytes);
    expect((await readAll('big', big.length)).equals(big)).toBe(true);
    // Once more, as after a lost answer: nothing is sent, and the object is the same.
    await expect(client.upload(source, { bucket: 'files', key: 'big', resume: uploadId })).resolves.toEqual(
      done,
    );
  });

  test('one that was given up cannot go on', async () => {
    const stop = new AbortController();
    const ids: string[] = [];
    const upload = client.upload(new Blob([big]), {
      bucket: 'files',
      key: 'given-up',
      signal: stop.signal,
      onUploadId: (id) => {
        ids.push(id);
        stop.abort(new Error('enough'));
      },
    });
    await expect(upload).rejects.toThrow('enough');
    const [uploadId = ''] = ids;
    await client.abortUpload(uploadId);
    expect(await client.uploadStatus(uploadId)).toMatchObject({ state: 'aborted' });
    await expect(
      client.upload(new Blob([big]), { bucket: 'files', key: 'given-up', resume: uploadId }),
    ).rejects.toMatchObject({ code: 'upload_aborted' });
  });
});

describe('keys', () => {
  const keys = Array.from({ length: 5 }, (_, index) => `list/${index}/object`);

  beforeAll(async () => {
    for (const key of keys) await client.upload(new Blob(['x']), { bucket: 'files', key });
  });

  test('are listed by pages and folders', async () => {
    const pages = await Array.fromAsync(client.pages('files', { prefix: 'list/', limit: 2 }));
    expect(pages).toHaveLength(3);
    expect(pages.flatMap(({ objects }) => objects.map(({ key }) => key))).toEqual(keys);
    const { prefixes, objects } = await client.list('files', { prefix: 'list/', delimiter: '/' });
    expect({ prefixes, objects }).toEqual({ prefixes: keys.map((key) => key.slice(0, 7)), objects: [] });
  });

  test('are deleted one at a time and many at a time', async () => {
    const [first = '', ...others] = keys;
    await client.delete('files', first);
    await expect(client.object('files', first)).rejects.toMatchObject({
      status: 404,
      code: 'object_not_found',
    });
    expect(await client.deleteMany('files', others)).toEqual(others.map((key) => ({ key, deleted: true })));
    expect(await client.list('files', { prefix: 'list/' })).toMatchObject({ objects: [] });
  });
});

describe('sharing', () => {
  test('gives an address that needs no credential', async () => {
    await client.upload(new Blob(['shared']), { bucket: 'files', key: 'shared' });
    const item = { bucket: 'files', key: 'shared', filename: 'a b.txt' };
    const { url, expiresAt } = await client.share(item, { expiresInSeconds: 60 });
    const response = await fetch(url);
    expect(await response.text()).toBe('shared');
    expect(response.headers.get('content-disposition')).toContain('a b.txt');
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(61_000);
  });

  test('goes no further than a token reaches, with a result for each', async () => {
    const grants = [{ bucket: 'files', prefix: 'mine/', actions: ['read' as const] }];
    const { token } = await client.mintToken({ grants, expiresInSeconds: 60 });
    const results = await clientAs(token).shareMany([
      { bucket: 'files', key: 'mine/1' },
      { bucket: 'files', key: 'yours/1' },
    ]);
    expect(results).toMatchObject([{ key: 'mine/1' }, { key: 'yours/1', error: { code: 'access_denied' } }]);
    await expect(clientAs(token).share({ bucket: 'files', key: 'yours/1' })).rejects.toMatchObject({
      code: 'access_denied',
    });
  });
});

describe('the CDN', () => {
  test('gives addresses of its own, signed for it', async () => {
    const { url } = await client.share({ bucket: 'files', key: 'a b' }, { via: 'cdn' });
    const { address, parts } = takeApart(url);
    expect(address).toBe('https://files.example.com/o/files/a%20b');
    expect(verifiedStatement(parts, address).resource).toBe(address);
  });

  test('opens a folder, by what stands behind each address', async () => {
    const { urlPrefix, query } = await client.openFolder('files', 'film/', { expiresInSeconds: 60 });
    const { address, parts } = takeApart(`${urlPrefix}1.ts?${query}`);
    expect(address).toBe('https://files.example.com/o/files/film/1.ts');
    expect(verifiedStatement(parts, address).resource).toBe('https://files.example.com/o/files/film/*');
  });
});

test('a download notices that its object was replaced', async () => {
  const { etag } = await client.upload(new Blob(['one']), { bucket: 'files', key: 'changing' });
  const download = client.download({ bucket: 'files', key: 'changing', etag });
  expect(await Array.fromAsync(download.read({ start: 0, end: 3 }))).toHaveLength(1);
  await client.upload(new Blob(['two']), { bucket: 'files', key: 'changing' });
  await expect(Array.fromAsync(download.read({ start: 0, end: 3 }))).rejects.toMatchObject({
    name: 'StorageError',
    status: 412,
    code: 'PreconditionFailed',
  });
});
