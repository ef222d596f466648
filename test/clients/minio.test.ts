import { join } from 'node:path';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';
import { describe, expect, test } from 'vitest';
import { filesOf, sampleNames, useWorkplace } from './workplace.ts';

describe("MinIO's client", () => {
  const workplace = useWorkplace();
  const connect = () => {
    const { port, region, credentials } = workplace();
    return new Client({
      endPoint: '127.0.0.1',
      port,
      useSSL: false,
      region,
      accessKey: credentials.accessKeyId,
      secretKey: credentials.secretAccessKey,
      partSize: 6 * 2 ** 20,
    });
  };

  test('brings files up, lists them, and brings them down', async () => {
    const { bucket, samples, folder } = workplace();
    const minio = connect();
    for (const name of sampleNames) {
      await minio.fPutObject(bucket, `up/${name}`, join(samples, name), { 'Content-Type': 'text/x-sample' });
    }
    const listed = await minio.listObjectsV2(bucket, 'up/', true).toArray();
    expect(listed.map(({ name }) => name)).toEqual(sampleNames.map((name) => `up/${name}`));
    for (const name of sampleNames) await minio.fGetObject(bucket, `up/${name}`, join(folder, 'down', name));
    expect(await filesOf(join(folder, 'down'))).toEqual(await filesOf(samples));
    expect((await minio.statObject(bucket, 'up/empty')).metaData).toMatchObject({
      'content-type': 'text/x-sample',
    });
    await minio.removeObjects(
      bucket,
      listed.map(({ name = '' }) => name),
    );
    expect(await minio.listObjectsV2(bucket, '', true).toArray()).toEqual([]);
  });

  test('reads a range, copies, and presigns', async () => {
    const { bucket } = workplace();
    const minio = connect();
    await minio.putObject(bucket, 'ä/one', 'hello world');
    expect(Buffer.concat(await (await minio.getPartialObject(bucket, 'ä/one', 6, 5)).toArray())).toEqual(
      Buffer.from('world'),
    );
    await minio.copyObject(
      new CopySourceOptions({ Bucket: bucket, Object: 'ä/one' }),
      new CopyDestinationOptions({ Bucket: bucket, Object: 'two' }),
    );
    const url = await minio.presignedGetObject(bucket, 'two', 60);
    expect(await (await fetch(url)).text()).toBe('hello world');
  });

  test('posts a form on a policy', async () => {
    const { bucket } = workplace();
    const minio = connect();
    const policy = minio.newPostPolicy();
    policy.setBucket(bucket);
    policy.setKey('posted');
    policy.setExpires(new Date(Date.now() + 60_000));
    policy.setContentLengthRange(1, 100);
    const { postURL, formData } = await minio.presignedPostPolicy(policy);
    const form = new FormData();
    for (const [name, value] of Object.entries(formData)) form.append(name, String(value));
    form.append('file', new Blob(['posted']));
    expect((await fetch(postURL, { method: 'POST', body: form })).status).toBe(204);
    expect((await minio.statObject(bucket, 'posted')).size).toBe(6);
  });

  test('makes and removes a bucket', async () => {
    const minio = connect();
    await minio.makeBucket('another');
    expect(await minio.bucketExists('another')).toBe(true);
    await minio.removeBucket('another');
    expect(await minio.bucketExists('another')).toBe(false);
  });
});
