import { hash } from 'node:crypto';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { openTestService, type TestService } from '../support/service.ts';

/** What a signature holds, storage itself refuses: the service is not asked and could be down. */
describe('storage refuses', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService({ buckets: { files: {}, other: {} } });
  });
  afterAll(() => service.stop());

  const body = 'twelve bytes';
  const sha256 = hash('sha256', body, 'base64');
  let count = 0;

  async function begin(command: Readonly<Record<string, unknown>> = {}) {
    count += 1;
    const response = await service.call('POST', '/v1/uploads', {
      bucket: 'files',
      key: `refused/${count}`,
      sizeBytes: body.length,
      contentType: 'text/plain',
      ...command,
    });
    return v.parse(uploadAnswer, await response.json());
  }

  async function beginPut(command: Readonly<Record<string, unknown>> = {}) {
    const upload = await begin({ method: 'put', ...command });
    if (upload.method !== 'put') throw new Error(upload.method);
    return { ...upload.put, key: upload.key };
  }

  /** S3's status and code; `200` when it took the bytes. */
  async function put(url: string, headers: Readonly<Record<string, string>>, content = body, method = 'PUT') {
    const response = await fetch(url, { method, headers, ...(method === 'PUT' && { body: content }) });
    return `${response.status} ${/<Code>(\w+)</.exec(await response.text())?.[1] ?? ''}`.trim();
  }

  async function nothingStored(key: string) {
    expect((await service.call('GET', `/v1/objects/files/${key}`)).status).toBe(404);
  }

  test('nothing of an upload that is as announced', async () => {
    const { url, headers } = await beginPut({ checksum: { algorithm: 'sha256', value: sha256 } });
    expect(await put(url, headers)).toBe('200');
  });

  test('an altered signature', async () => {
    const { url, headers, key } = await beginPut();
    const altered = url.replace(
      /(X-Amz-Signature=)(.)/,
      (_, name, digit) => `${name}${digit === '0' ? '1' : '0'}`,
    );
    expect(await put(altered, headers)).toBe('403 SignatureDoesNotMatch');
    await nothingStored(key);
  });

  test('an altered expiry', async () => {
    const { url, headers, key } = await beginPut();
    expect(await put(url.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000'), headers)).toBe(
      '403 SignatureDoesNotMatch',
    );
    await nothingStored(key);
  });

  test('a URL past its time', async () => {
    service.setClock(() => new Date(Date.now() - 901_000));
    const { url, headers, key } = await beginPut();
    service.setClock(() => new Date());
    expect(await put(url, headers)).toBe('403 AccessDenied');
    await nothingStored(key);
  });

  test('a URL from a clock that runs far ahead', async () => {
    service.setClock(() => new Date(Date.now() + 16 * 60_000));
    const { url, headers, key } = await beginPut();
    service.setClock(() => new Date());
    expect(await put(url, headers)).toMatch(/^403 /);
    await nothingStored(key);
  });

  test('a URL used for another key', async () => {
    const { url, headers } = await beginPut();
    expect(await put(url.replace('/refused/', '/stolen/'), headers)).toBe('403 SignatureDoesNotMatch');
  });

  test('a URL used for another bucket', async () => {
    const { url, headers } = await beginPut();
    expect(await put(url.replace('/files/', '/other/'), headers)).toBe('403 SignatureDoesNotMatch');
  });

  test.each(['GET', 'DELETE'])('a PUT URL used to %s', async (method) => {
    const { url } = await beginPut();
    expect(await put(url, {}, '', method)).toMatch(/^403 (SignatureDoesNotMatch|AccessDenied)$/);
  });

  test.each([
    ['longer', `${body}!`],
    ['shorter', body.slice(1)],
    ['empty', ''],
  ])('a body that is %s than announced', async (_, content) => {
    const { url, headers, key } = await beginPut();
    const { 'content-length': _length, ...rest } = headers;
    expect(await put(url, rest, content)).toBe('403 SignatureDoesNotMatch');
    await nothingStored(key);
  });

  test('another type', async () => {
    const { url, headers, key } = await beginPut();
    expect(await put(url, { ...headers, 'content-type': 'text/html' })).toBe('403 SignatureDoesNotMatch');
    await nothingStored(key);
  });

  test.each(['content-type', 'x-amz-meta-owner', 'x-amz-meta-stowage-upload', 'x-amz-tagging'])(
    'a request without its %s',
    async (name) => {
      const { url, headers, key } = await beginPut({ metadata: { owner: 'ann' }, tags: { kind: 'test' } });
      expect(headers).toHaveProperty(name);
      const { [name]: _, ...rest } = headers;
      expect(await put(url, rest)).toMatch(/^403 (SignatureDoesNotMatch|AccessDenied)$/);
      await nothingStored(key);
    },
  );

  test.each([
    ['crc32', 'AAAAAA=='],
    ['crc32c', 'AAAAAA=='],
    ['crc64nvme', 'AAAAAAAAAAA='],
    ['sha1', hash('sha1', 'else', 'base64')],
    ['sha256', hash('sha256', 'else', 'base64')],
    ['md5', hash('md5', 'else', 'base64')],
  ])('bytes whose %s is another', async (algorithm, value) => {
    const { url, headers, key } = await beginPut({ checksum: { algorithm, value } });
    expect(await put(url, headers)).toBe('400 BadDigest');
    await nothingStored(key);
  });

  test('a checksum swapped for that of other bytes', async () => {
    const { url, headers, key } = await beginPut({ checksum: { algorithm: 'sha256', value: sha256 } });
    const other = body.toUpperCase();
    const swapped = { ...headers, 'x-amz-checksum-sha256': hash('sha256', other, 'base64') };
    expect(await put(url, swapped, other)).toBe('403 SignatureDoesNotMatch');
    await nothingStored(key);
  });

  test('to overwrite, where the upload says If-None-Match', async () => {
    const first = await beginPut({ key: 'refused/taken', ifNoneMatch: '*' });
    expect(await put(first.url, first.headers)).toBe('200');
    const second = await beginPut({ key: 'refused/taken', ifNoneMatch: '*' });
    expect(await put(second.url, second.headers)).toBe('412 PreconditionFailed');
  });

  test('a part that is longer than its address allows, or goes under another number', async () => {
    const upload = await begin({ method: 'multipart', sizeBytes: 17 * 2 ** 20 });
    if (upload.method !== 'multipart') throw new Error(upload.method);
    const [first, last] = upload.multipart.parts;
    expect(await put(last?.url ?? '', {}, 'x'.repeat(2 ** 20 + 1))).toBe('403 SignatureDoesNotMatch');
    expect(await put(last?.url.replace('partNumber=2', 'partNumber=3') ?? '', {}, 'x'.repeat(2 ** 20))).toBe(
      '403 SignatureDoesNotMatch',
    );
    expect(await put(last?.url ?? '', {}, 'x'.repeat(2 ** 20))).toBe('200');
    expect(first?.headers).toEqual({ 'content-length': String(16 * 2 ** 20) });
    expect((await service.call('DELETE', `/v1/uploads/${upload.uploadId}`)).status).toBe(204);
  });

  describe('a form', () => {
    async function post(change: (form: FormData) => void, content = body) {
      const upload = await begin({ method: 'form', checksum: { algorithm: 'sha256', value: sha256 } });
      if (upload.method !== 'form') throw new Error(upload.method);
      const form = new FormData();
      for (const [name, value] of Object.entries(upload.form.fields)) form.set(name, value);
      change(form);
      form.append('file', new Blob([content]), 'file.txt');
      const response = await fetch(upload.form.url, { method: 'POST', body: form });
      return `${response.status} ${/<Code>(\w+)</.exec(await response.text())?.[1] ?? ''}`.trim();
    }

    test('but not one that is as announced', async () => {
      expect(await post(() => {})).toBe('201');
    });

    test.each<[string, (form: FormData) => void, string]>([
      ['for another key', (form) => form.set('key', 'stolen'), '403 AccessDenied'],
      ['of another type', (form) => form.set('Content-Type', 'text/html'), '403 AccessDenied'],
      [
        'with a field that the policy does not know',
        (form) => form.set('x-amz-meta-extra', '1'),
        '403 AccessDenied',
      ],
      [
        'with an altered policy',
        (form) =>
          form.set(
            'Policy',
            Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString('base64'),
          ),
        '403 SignatureDoesNotMatch',
      ],
      ['without a signature', (form) => form.delete('X-Amz-Signature'), '400 InvalidArgument'],
    ])('%s', async (_, change, expected) => {
      expect(await post(change)).toBe(expected);
    });

    test.each([
      ['longer', `${body}!`, '400 EntityTooLarge'],
      ['shorter', body.slice(1), '400 EntityTooSmall'],
      ['other', body.toUpperCase(), '400 BadDigest'],
    ])('whose file is %s than announced', async (_, content, expected) => {
      expect(await post(() => {}, content)).toBe(expected);
    });

    test('past its time', async () => {
      service.setClock(() => new Date(Date.now() - 901_000));
      const outcome = post(() => {});
      expect(await outcome).toBe('403 AccessDenied');
      service.setClock(() => new Date());
    });
  });
});
