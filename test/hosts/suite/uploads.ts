import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { objectAnswer } from '../../../lib/objects/schema.ts';
import {
  completedAnswer,
  partsAnswer,
  uploadsAnswer,
  uploadStatusAnswer,
} from '../../../lib/uploads/schema.ts';
import { type Api, problemOf, type UploadAnswer } from './host.ts';

const mebibyte = 2 ** 20;

export function uploadsSuite(api: Api): void {
  const status = ({ uploadId }: UploadAnswer) =>
    api.ask(uploadStatusAnswer, 'GET', `/v1/uploads/${uploadId}`);
  const complete = ({ uploadId }: UploadAnswer, body?: unknown) =>
    api.ask(completedAnswer, 'POST', `/v1/uploads/${uploadId}/complete`, body);
  const refusedCompletion = ({ uploadId }: UploadAnswer) =>
    api.refusal('POST', `/v1/uploads/${uploadId}/complete`);

  /** An upload of 17 MiB: a part of 16 MiB and one of 1. */
  async function beginMultipart(key: string, command: Readonly<Record<string, unknown>> = {}) {
    const upload = await api.begin({ key, sizeBytes: 17 * mebibyte, method: 'multipart', ...command });
    if (upload.method !== 'multipart') throw new Error(upload.method);
    return upload;
  }

  async function sendPart(
    { url, headers }: { url: string; headers: Record<string, string> },
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<string> {
    const response = await fetch(url, { method: 'PUT', headers, body: bytes });
    expect(response.status, await response.text()).toBe(200);
    return response.headers.get('etag') ?? '';
  }

  const bytes = new Uint8Array(17 * mebibyte).map((_, index) => index % 251);
  const [firstBytes, lastBytes] = [bytes.subarray(0, 16 * mebibyte), bytes.subarray(16 * mebibyte)];

  test('put: one request carries the object, and completion tells what stands in storage', async () => {
    const text = 'ünïcode';
    const sha256 = hash('sha256', text, 'base64');
    const upload = await api.begin({
      key: 'uploads/put',
      sizeBytes: Buffer.byteLength(text),
      contentType: 'text/plain; charset=utf-8',
      metadata: { owner: 'Ann', title: 'Übung  mit Leerzeichen' },
      checksum: { algorithm: 'sha256', value: sha256 },
      method: 'put',
    });
    if (upload.method !== 'put') throw new Error(upload.method);
    expect(await refusedCompletion(upload)).toBe('409 upload_incomplete');
    expect((await status(upload)).state).toBe('pending');

    const sent = await fetch(upload.put.url, { method: 'PUT', headers: upload.put.headers, body: text });
    expect(sent.status, await sent.text()).toBe(200);
    expect((await status(upload)).state).toBe('completed');
    const completed = await complete(upload);
    expect(completed).toMatchObject({
      bucket: 'files',
      key: 'uploads/put',
      sizeBytes: 9,
      contentType: 'text/plain; charset=utf-8',
      checksum: { algorithm: 'sha256', value: sha256 },
    });
    expect(await complete(upload)).toEqual(completed);
    expect(await api.ask(objectAnswer, 'GET', '/v1/objects/files/uploads/put')).toMatchObject({
      etag: completed.etag,
      metadata: { owner: 'Ann', title: 'Übung  mit Leerzeichen' },
      checksums: { sha256 },
    });
  });

  test('put: an empty object', async () => {
    const upload = await api.store('uploads/empty', '');
    expect(await complete(upload)).toMatchObject({ sizeBytes: 0 });
  });

  test('tags travel with the object, in one request and in parts', async () => {
    const tags = { project: 'apollo 11', stage: 'draft' };
    const single = await api.begin({ key: 'uploads/tagged', sizeBytes: 1, tags, method: 'put' });
    if (single.method !== 'put') throw new Error(single.method);
    expect(single.put.headers).toMatchObject({ 'x-amz-tagging': 'project=apollo+11&stage=draft' });
    const sent = await fetch(single.put.url, { method: 'PUT', headers: single.put.headers, body: '.' });
    expect(sent.status, await sent.text()).toBe(200);
    expect(await complete(single)).toMatchObject({ sizeBytes: 1 });
    expect((await status(await beginMultipart('uploads/tagged', { tags }))).state).toBe('pending');
  });

  test('form: as a browser posts it', async () => {
    const upload = await api.begin({
      key: 'uploads/form ü',
      sizeBytes: 4,
      contentType: 'text/plain',
      method: 'form',
    });
    if (upload.method !== 'form') throw new Error(upload.method);
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.form.fields)) form.set(name, value);
    form.set('file', new Blob(['form']), 'form.txt');
    const sent = await fetch(upload.form.url, { method: 'POST', body: form });
    expect(sent.status, await sent.text()).toBe(201);
    expect(await complete(upload)).toMatchObject({
      key: 'uploads/form ü',
      sizeBytes: 4,
      contentType: 'text/plain',
    });
  });

  test('auto: small objects go in one request, larger ones in parts', async () => {
    const methodFor = async (sizeBytes: number) =>
      (await api.begin({ key: 'uploads/auto', sizeBytes })).method;
    expect(await methodFor(0)).toBe('put');
    expect(await methodFor(16 * mebibyte)).toBe('put');
    expect(await methodFor(16 * mebibyte + 1)).toBe('multipart');
  });

  test('multipart: parts in any order, resumed from the id, completed without naming them', async () => {
    const upload = await beginMultipart('uploads/multipart');
    expect(upload.multipart).toMatchObject({ partSizeBytes: 16 * mebibyte, partCount: 2 });
    const [first, last] = upload.multipart.parts;
    if (!first || !last) throw new Error('two parts were expected');
    await sendPart(last, lastBytes);

    const known = await status(upload);
    expect(known).toMatchObject({ state: 'pending', partCount: 2, sizeBytes: 17 * mebibyte });
    expect(known.parts).toMatchObject([{ partNumber: 2, sizeBytes: mebibyte }]);
    const { status: code, errors } = await problemOf(
      await api.call('POST', `/v1/uploads/${upload.uploadId}/complete`),
    );
    expect([code, errors?.map(({ path }) => path)]).toEqual([409, ['parts[1]']]);

    const { parts } = await api.ask(partsAnswer, 'POST', `/v1/uploads/${upload.uploadId}/parts`, {
      partNumbers: [1],
    });
    expect(parts.map(({ partNumber, headers }) => [partNumber, headers])).toEqual([
      [1, { 'content-length': String(16 * mebibyte) }],
    ]);
    for (const part of parts) await sendPart(part, firstBytes);
    const completed = await complete(upload);
    expect(completed).toMatchObject({ sizeBytes: 17 * mebibyte });
    expect(completed.etag).toMatch(/^[\da-f]{32}-2$/);
    expect(await complete(upload)).toEqual(completed);
    expect((await status(upload)).state).toBe('completed');

    const redirect = await api.call('GET', '/v1/content/files/uploads/multipart');
    const stored = await (await fetch(redirect.headers.get('location') ?? '')).arrayBuffer();
    expect(hash('sha256', new Uint8Array(stored))).toBe(hash('sha256', bytes));
  });

  test('multipart: completed by the parts that the caller names, in any order and quoting', async () => {
    const upload = await beginMultipart('uploads/named', { sizeBytes: mebibyte });
    const [only] = upload.multipart.parts;
    if (!only) throw new Error('a part was expected');
    const etag = await sendPart(only, lastBytes);
    const wrong = { parts: [{ partNumber: 1, etag: 'f'.repeat(32) }] };
    expect(await api.refusal('POST', `/v1/uploads/${upload.uploadId}/complete`, wrong)).toBe(
      '409 upload_incomplete',
    );
    expect(etag).toMatch(/^"/);
    expect(await complete(upload, { parts: [{ partNumber: 1, etag }] })).toMatchObject({
      sizeBytes: mebibyte,
    });
  });

  test('parts are signed only of a multipart upload, and only those that it has', async () => {
    const multipart = await beginMultipart('uploads/parts');
    const sign = (partNumbers: unknown, { uploadId }: UploadAnswer = multipart) =>
      api.refusal('POST', `/v1/uploads/${uploadId}/parts`, { partNumbers });
    expect(await sign([3])).toBe('400 invalid_request');
    expect(await sign([0])).toBe('400 invalid_request');
    expect(await sign([1, 1])).toBe('400 invalid_request');
    expect(await sign([])).toBe('400 invalid_request');
    const put = await api.begin({ key: 'uploads/parts' });
    expect(await sign([1], put)).toBe('409 upload_not_resumable');
  });

  test('an aborted upload is gone, at storage too', async () => {
    const upload = await beginMultipart('uploads/aborted');
    const [, last] = upload.multipart.parts;
    if (!last) throw new Error('two parts were expected');
    await sendPart(last, lastBytes);
    for (const _ of ['once', 'again']) {
      expect((await api.call('DELETE', `/v1/uploads/${upload.uploadId}`)).status).toBe(204);
    }
    expect((await status(upload)).state).toBe('aborted');
    expect(await refusedCompletion(upload)).toBe('409 upload_aborted');
    const late = await fetch(last.url, { method: 'PUT', headers: last.headers, body: lastBytes });
    expect([late.status, /<Code>(\w+)/.exec(await late.text())?.[1]]).toEqual([404, 'NoSuchUpload']);
  });

  test('unfinished uploads are listed, and can be aborted by whoever finds them', async () => {
    await beginMultipart('uploads/found/a b');
    const list = () => api.ask(uploadsAnswer, 'GET', '/v1/uploads?bucket=files&prefix=uploads%2Ffound%2F');
    const [found] = (await list()).uploads;
    expect(found).toMatchObject({ bucket: 'files', key: 'uploads/found/a b' });
    const target = `/v1/uploads/${found?.uploadId}`;
    expect((await api.ask(uploadStatusAnswer, 'GET', target)).state).toBe('pending');
    expect(await api.refusal('POST', `${target}/complete`)).toBe('409 upload_not_resumable');
    expect((await api.call('DELETE', target)).status).toBe(204);
    expect((await list()).uploads).toEqual([]);
  });

  test('If-None-Match keeps what is there', async () => {
    const first = await api.store('uploads/once', 'first', { ifNoneMatch: '*' });
    const second = await beginMultipart('uploads/once', { sizeBytes: mebibyte, ifNoneMatch: '*' });
    for (const part of second.multipart.parts) await sendPart(part, lastBytes);
    expect(await refusedCompletion(second)).toBe('409 object_exists');
    expect(await complete(first)).toMatchObject({ sizeBytes: 5 });
  });

  test('an object that another upload wrote completes none', async () => {
    const late = await api.begin({
      key: 'uploads/raced',
      sizeBytes: 5,
      contentType: 'text/plain',
      method: 'put',
    });
    await api.store('uploads/raced', 'other');
    expect(await refusedCompletion(late)).toBe('409 upload_incomplete');
  });

  test.each([
    ['too large for the bucket', { sizeBytes: 64 * mebibyte + 1 }, '413 object_too_large'],
    [
      'of a type that the bucket does not take',
      { bucket: 'images', contentType: 'text/html' },
      '415 content_type_not_allowed',
    ],
    ['for a bucket that is not there', { bucket: 'none' }, '404 bucket_not_found'],
    ['with a key that folds away', { key: 'a/../b' }, '400 invalid_request'],
    ['with a key of control characters', { key: 'a\nb' }, '400 invalid_request'],
    ['with a key of 1,025 bytes', { key: 'ü'.repeat(512) + 'x' }, '400 invalid_request'],
    ['with a header of its own', { contentType: 'text/plain\r\nx: y' }, '400 invalid_request'],
    [
      'in parts, with a checksum that parts cannot prove',
      { method: 'multipart', checksum: { algorithm: 'md5', value: 'AAAAAAAAAAAAAAAAAAAAAA==' } },
      '422 checksum_not_supported',
    ],
  ])('no upload is begun %s', async (_, command, refusal) => {
    expect(
      await api.refusal('POST', '/v1/uploads', {
        bucket: 'files',
        key: 'uploads/refused',
        sizeBytes: 1,
        ...command,
      }),
    ).toBe(refusal);
  });

  test("a grant's own limits hold beside the bucket's", async () => {
    const grant = {
      bucket: 'files',
      prefix: 'mine/',
      actions: ['write'],
      maxObjectBytes: 10,
      contentTypes: ['text/*'],
    };
    const ann = await api.delegate({ grants: [grant] });
    const begin = (command: object) =>
      ann.call('POST', '/v1/uploads', {
        bucket: 'files',
        key: 'mine/a',
        sizeBytes: 10,
        contentType: 'text/plain',
        ...command,
      });
    expect((await begin({})).status).toBe(201);
    expect(await problemOf(await begin({ sizeBytes: 11 }))).toMatchObject({ code: 'object_too_large' });
    expect(await problemOf(await begin({ contentType: 'image/png' }))).toMatchObject({
      code: 'content_type_not_allowed',
    });
  });

  test("an upload's id opens for its tenant alone, and only as it was given", async () => {
    const grants = [{ bucket: 'files', prefix: 'shared/', actions: ['write'] }];
    const ann = await api.delegate({ grants, tenant: 'acme' });
    const bob = await api.delegate({ grants, tenant: 'other' });
    const { uploadId } = await ann.begin({ key: 'shared/a' });
    expect((await ann.call('GET', `/v1/uploads/${uploadId}`)).status).toBe(200);
    expect(await bob.refusal('GET', `/v1/uploads/${uploadId}`)).toBe('403 access_denied');
    expect(await bob.refusal('DELETE', `/v1/uploads/${uploadId}`)).toBe('403 access_denied');
    const altered = (uploadId.startsWith('A') ? 'B' : 'A') + uploadId.slice(1);
    expect(await ann.refusal('GET', `/v1/uploads/${altered}`)).toBe('400 invalid_upload_id');
    expect(await ann.refusal('GET', '/v1/uploads/x')).toBe('400 invalid_upload_id');
  });
}
