import { S3 } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Action, actions, type Grant } from '../../lib/access/grants.ts';
import type { Rights } from '../../lib/embedded/call.ts';
import { routeNames } from '../../lib/embedded/route.ts';
import { customEndpoint, targetOf } from '../../lib/storage/endpoint.ts';
import { signedHeaders } from '../../lib/storage/sign-request.ts';
import { canonicalQuery } from '../../lib/storage/sigv4.ts';
import { bytesOf, codeOf } from './acceptance/target.ts';
import { region, startStore } from './server.ts';

// Every test writes to a disk that others may be using.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** What every route must take, by itself: an operation that is not named here fails, and so does one with another need. */
const wanted: Readonly<Record<string, readonly Action[] | 'reach' | 'anybody'>> = {
  'service GET': 'anybody',
  'bucket HEAD': 'reach',
  'bucket GET location': 'reach',
  'bucket GET': ['list'],
  'bucket GET list-type': ['list'],
  'bucket GET uploads': ['list'],
  'bucket GET versions': ['list'],
  'bucket POST delete': ['delete'],
  'bucket PUT': ['admin'],
  'bucket DELETE': ['admin'],
  'object GET': ['read'],
  'object HEAD': ['read'],
  'object GET acl': ['read'],
  'object GET attributes': ['read'],
  'object GET retention': ['read'],
  'object GET legal-hold': ['read'],
  'object GET tagging': ['read'],
  'object PUT': ['write'],
  'object PUT x-amz-copy-source': ['write', 'read'],
  'object PUT acl': ['write'],
  'object PUT tagging': ['write'],
  'object DELETE tagging': ['write'],
  'object POST restore': ['write'],
  'object POST uploads': ['write'],
  'object PUT uploadId': ['write'],
  'object PUT uploadId x-amz-copy-source': ['write', 'read'],
  'object GET uploadId': ['write'],
  'object POST uploadId': ['write'],
  'object DELETE uploadId': ['write'],
  'object DELETE': ['delete'],
  'object PUT retention': ['admin'],
  'object PUT legal-hold': ['admin'],
};

function needsOf(route: string): readonly Action[] | 'reach' | 'anybody' {
  const needs = wanted[route];
  if (needs) return needs;
  // What configures a bucket.
  if (/^bucket (GET|PUT|DELETE) \S+$/.test(route)) return ['admin'];
  throw new Error(`It is not said here what ${route} takes.`);
}

const bucket = 'files';
const prefix = 'team/';
const grantsOf: Readonly<Record<string, readonly Grant[]>> = {
  nothing: [],
  'another-bucket': [{ bucket: 'other', prefix: '', actions }],
  'another-prefix': [{ bucket, prefix: 'elsewhere/', actions }],
  everything: [{ bucket: '*', prefix: '', actions }],
  denied: [
    { bucket: '*', prefix: '', actions },
    { effect: 'deny', bucket, prefix, actions },
  ],
  'whole-prefix': [{ bucket, prefix, actions }],
  ...Object.fromEntries(actions.map((action) => [action, [{ bucket, prefix, actions: [action] }]])),
  lister: [{ bucket, prefix: '.s', actions: ['list'] }],
  'bucket-admin': [{ bucket, prefix: '', actions: ['admin'] }],
};
const secretAccessKey = 'secret-of-everybody';
const readOnly: Rights = {
  grants: [{ bucket: '*', prefix: '', actions }],
  rulesOf: () => ({ maxObjectBytes: 2 ** 40, contentTypes: ['*/*'], isReadOnly: true }),
};

function allows(name: string, route: string): boolean {
  const needs = needsOf(route);
  if (needs === 'anybody') return true;
  if (needs === 'reach') return !['nothing', 'another-bucket'].includes(name);
  if (name === 'everything') return true;
  if (name === 'denied') return false;
  const isWhole = needs[0] === 'admin' && route.startsWith('bucket');
  if (isWhole) return name === 'bucket-admin';
  if (name === 'whole-prefix') return true;
  if (name === 'bucket-admin') return needs.every((need) => need === 'admin');
  return needs.every((need) => need === name);
}

let store: Awaited<ReturnType<typeof startStore>>;
const clients: S3[] = [];
beforeAll(async () => {
  store = await startStore({
    callerOf: (accessKeyId) => {
      if (accessKeyId === 'read-only') return { secretAccessKey, ...readOnly };
      const grants = grantsOf[accessKeyId];
      return grants && { secretAccessKey, grants };
    },
  });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await store.stop();
});

function clientOf(accessKeyId: string): S3 {
  const credentials = accessKeyId === 'root' ? store.credentials : { accessKeyId, secretAccessKey };
  const client = new S3({
    endpoint: store.endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}

const deletion = `<Delete><Object><Key>${prefix}k</Key></Object></Delete>`;

/** Asks for a route, below the prefix. Whatever else is wrong with the request, its signature holds. */
async function ask(name: string, route: string): Promise<string> {
  const [target = '', method = '', ...selectors] = route.split(' ');
  const query = canonicalQuery([
    ...selectors
      .filter((selector) => !selector.startsWith('x-'))
      .map((selector): [string, string] => [selector, '']),
    ...(target === 'bucket' ? [['prefix', prefix] as [string, string]] : []),
  ]);
  const where =
    target === 'service'
      ? { ...targetOf(customEndpoint(store.endpoint), ''), path: '/' }
      : targetOf(customEndpoint(store.endpoint), bucket, target === 'object' ? `${prefix}k` : '');
  const body = method === 'POST' && selectors[0] === 'delete' ? deletion : '';
  const headers = signedHeaders(
    {
      method,
      target: where,
      query,
      headers: selectors.includes('x-amz-copy-source')
        ? { 'x-amz-copy-source': `/files/${prefix}source` }
        : {},
      body,
    },
    { credentials: { accessKeyId: name, secretAccessKey }, region, service: 's3', time: new Date() },
  );
  const answer = await fetch(`${where.origin}${where.path}?${query}`, {
    method,
    headers,
    ...(body !== '' && { body }),
  });
  const text = await answer.text();
  expect(answer.status, `${route}: ${text}`).not.toBe(501);
  expect(text).not.toContain('SignatureDoesNotMatch');
  return method === 'HEAD' ? String(answer.status) : (/<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? 'allowed');
}

describe.each(Object.keys(grantsOf))('whoever has %s', (name) => {
  test('is let to what that allows, and to nothing else', async () => {
    for (const route of routeNames) {
      const answer = await ask(name, route);
      expect(['AccessDenied', '403'].includes(answer), `${route}: ${answer}`).toBe(!allows(name, route));
      // What was deleted for this is there again.
      if (route === 'bucket DELETE')
        await clientOf('root')
          .createBucket({ Bucket: bucket })
          .catch(() => undefined);
    }
  });

  test('lists, reads and writes nothing outside of the prefix', async () => {
    const s3 = clientOf(name);
    const mayElsewhere = name === 'everything' || name === 'another-prefix' || name === 'denied';
    const Key = 'elsewhere/k';
    const calls = [
      () => s3.listObjectsV2({ Bucket: bucket, Prefix: 'elsewhere/' }),
      () => s3.listMultipartUploads({ Bucket: bucket, Prefix: 'elsewhere/' }),
      () => s3.putObject({ Bucket: bucket, Key, Body: 'text' }),
      () => s3.deleteObject({ Bucket: bucket, Key }),
      () => s3.createMultipartUpload({ Bucket: bucket, Key }),
    ];
    for (const call of calls) {
      if (mayElsewhere) await call();
      else expect(await codeOf(call())).toBe('AccessDenied');
    }
    const mayAll = name === 'everything';
    const all = await s3.listObjectsV2({ Bucket: bucket }).then(
      () => true,
      () => false,
    );
    expect(all).toBe(mayAll);
  });
});

test('a bucket that is read-only takes no change by any route', async () => {
  for (const route of routeNames) {
    const changes = !/ (GET|HEAD)\b/.test(route) && route !== 'object DELETE uploadId';
    const answer = await ask('read-only', route);
    expect(['AccessDenied', '403'].includes(answer), `${route}: ${answer}`).toBe(changes);
  }
});

test("the service's own keys are listed for those alone who may administer them", async () => {
  const root = clientOf('root');
  const Key = '.stowage/quarantine/k';
  await root.putObject({ Bucket: bucket, Key, Body: 'k' });
  await root.putObject({ Bucket: bucket, Key: '.stowaway', Body: 'k' });
  await root.createMultipartUpload({ Bucket: bucket, Key });
  const namesOf = async (s3: S3) => {
    const query = { Bucket: bucket, Prefix: '.s' };
    const pages = await Promise.all([
      s3.listObjects(query),
      s3.listObjectsV2(query),
      s3.listObjectsV2({ ...query, Delimiter: '/' }),
      s3.listObjectsV2({ ...query, MaxKeys: 1 }),
      s3.listObjectVersions(query),
      s3.listMultipartUploads(query),
    ]);
    return JSON.stringify(pages);
  };
  const lister = await namesOf(clientOf('lister'));
  expect(lister).not.toContain('quarantine');
  expect(lister).not.toContain('.stowage/');
  expect(lister.split('.stowaway').length - 1).toBeGreaterThanOrEqual(5);
  expect(await namesOf(clientOf('everything'))).toContain(Key);
});

test('buckets that no grant reaches are not listed', async () => {
  await clientOf('root').createBucket({ Bucket: 'other' });
  const names = async (name: string) =>
    (await clientOf(name).listBuckets({})).Buckets?.map(({ Name }) => Name);
  expect(await names('read')).toEqual(['files']);
  expect(await names('another-bucket')).toEqual(['other']);
  expect(await names('nothing')).toEqual([]);
  expect(await names('everything')).toEqual(['files', 'other']);
});

test('a copy takes what it reads', async () => {
  const root = clientOf('root');
  await root.putObject({ Bucket: bucket, Key: 'elsewhere/secret', Body: 'secret' });
  await root.putObject({ Bucket: bucket, Key: `${prefix}own`, Body: 'own' });
  const s3 = clientOf('whole-prefix');
  const copy = (CopySource: string) => s3.copyObject({ Bucket: bucket, Key: `${prefix}copy`, CopySource });
  expect(await codeOf(copy('files/elsewhere/secret'))).toBe('AccessDenied');
  expect(await codeOf(copy('files/elsewhere/missing'))).toBe('AccessDenied');
  await copy(`files/${prefix}own`);
  const { UploadId } = await s3.createMultipartUpload({ Bucket: bucket, Key: `${prefix}parts` });
  const part = { Bucket: bucket, Key: `${prefix}parts`, UploadId, PartNumber: 1 };
  expect(await codeOf(s3.uploadPartCopy({ ...part, CopySource: 'files/elsewhere/secret' }))).toBe(
    'AccessDenied',
  );
});

test('of many keys, those are deleted that may be', async () => {
  const root = clientOf('root');
  for (const Key of ['elsewhere/d', `${prefix}d`]) await root.putObject({ Bucket: bucket, Key, Body: 'd' });
  const { Deleted, Errors } = await clientOf('delete').deleteObjects({
    Bucket: bucket,
    Delete: { Objects: [{ Key: 'elsewhere/d' }, { Key: `${prefix}d` }] },
  });
  expect(Deleted).toEqual([{ Key: `${prefix}d` }]);
  expect(Errors).toMatchObject([{ Key: 'elsewhere/d', Code: 'AccessDenied' }]);
  await root.headObject({ Bucket: bucket, Key: 'elsewhere/d' });
});

const limits = { maxObjectBytes: 6 * 2 ** 20, contentTypes: ['image/*'] };
const writer: Grant = { bucket, prefix, actions: ['write', 'read'] };

describe.each<[name: string, rights: Rights]>([
  ['a grant', { grants: [{ ...writer, ...limits }] }],
  ['a bucket', { grants: [writer], rulesOf: () => ({ ...limits, isReadOnly: false }) }],
])('%s that limits what is written', (_, rights) => {
  const image = { Bucket: bucket, Key: `${prefix}image`, ContentType: 'image/png' };
  let s3: S3;
  let limitedStore: typeof store;
  beforeAll(async () => {
    limitedStore = await startStore({ callerOf: () => ({ secretAccessKey, ...rights }) });
    const credentials = { accessKeyId: 'limited', secretAccessKey };
    s3 = new S3({
      endpoint: limitedStore.endpoint,
      region,
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    s3.destroy();
    await limitedStore.stop();
  });

  test('holds for bodies that come in one', async () => {
    await s3.putObject({ ...image, Body: 'image' });
    expect(await codeOf(s3.putObject({ ...image, ContentType: 'text/html', Body: 'text' }))).toBe(
      'AccessDenied',
    );
    expect(await codeOf(s3.putObject({ ...image, Body: Buffer.alloc(7 * 2 ** 20) }))).toBe('EntityTooLarge');
    expect((await bytesOf(await s3.getObject({ Bucket: bucket, Key: image.Key }))).toString()).toBe('image');
  });

  test('holds for copies', async () => {
    const copy = { Bucket: bucket, Key: `${prefix}copy`, CopySource: `files/${image.Key}` };
    await s3.copyObject(copy);
    expect(
      await codeOf(s3.copyObject({ ...copy, MetadataDirective: 'REPLACE', ContentType: 'text/html' })),
    ).toBe('AccessDenied');
  });

  test('holds for what comes in parts', async () => {
    expect(await codeOf(s3.createMultipartUpload({ ...image, ContentType: 'text/html' }))).toBe(
      'AccessDenied',
    );
    const { UploadId } = await s3.createMultipartUpload(image);
    const upload = { Bucket: bucket, Key: image.Key, UploadId };
    const Parts = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await s3.uploadPart({ ...upload, PartNumber, Body: Buffer.alloc(5 * 2 ** 20) });
      Parts.push({ PartNumber, ETag });
    }
    expect(await codeOf(s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } }))).toBe(
      'EntityTooLarge',
    );
    await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: Parts.slice(0, 1) } });
  });

  test('holds for forms', async () => {
    const post = async (key: string, type: string, sizeBytes: number) => {
      const Fields = { 'content-type': type };
      const { url, fields } = await createPresignedPost(s3, { Bucket: bucket, Key: key, Fields });
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      body.set('file', new Blob([Buffer.alloc(sizeBytes)]));
      return (await fetch(url, { method: 'POST', body })).status;
    };
    expect(await post(`${prefix}form`, 'image/png', 10)).toBe(204);
    expect(await post('elsewhere/form', 'image/png', 10)).toBe(403);
    expect(await post(`${prefix}form`, 'text/html', 10)).toBe(403);
    expect(await post(`${prefix}form`, 'image/png', 7 * 2 ** 20)).toBe(400);
  });

  test('does not lock objects, nor lift their locks', async () => {
    const until = {
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date(Date.now() + 1e6),
    } as const;
    expect(await codeOf(s3.putObject({ ...image, Body: 'image', ...until }))).toBe('AccessDenied');
    expect(await codeOf(s3.createMultipartUpload({ ...image, ...until }))).toBe('AccessDenied');
    const bypass = { Bucket: bucket, Key: image.Key, BypassGovernanceRetention: true };
    expect(await codeOf(s3.deleteObject(bypass))).toBe('AccessDenied');
  });
});

test('a copy for which room was taken does not grow with a source that is replaced meanwhile', async () => {
  const source = { Bucket: bucket, Key: `${prefix}source` };
  let replace: () => Promise<unknown> = async () => undefined;
  const released: number[] = [];
  const counted = await startStore({
    callerOf: () => ({
      secretAccessKey,
      grants: [writer],
      takeRoom: async ({ sizeBytes }) => {
        await replace();
        return { settle: async () => undefined, release: async () => void released.push(sizeBytes) };
      },
    }),
  });
  const options = { endpoint: counted.endpoint, region, forcePathStyle: true, maxAttempts: 1 };
  const root = new S3({ ...options, credentials: counted.credentials });
  const caller = new S3({ ...options, credentials: { accessKeyId: 'counted', secretAccessKey } });
  const copy = { Bucket: bucket, Key: `${prefix}copy`, CopySource: `${bucket}/${source.Key}` };
  try {
    await root.putObject({ ...source, Body: 'xx' });
    replace = () => root.putObject({ ...source, Body: 'xxx' });
    expect(await codeOf(caller.copyObject(copy))).toBe('ServiceUnavailable');
    expect(released).toEqual([2]);
    replace = () => root.putObject({ ...source, Body: 'x' });
    await caller.copyObject(copy);
    expect(await bytesOf(await root.getObject({ Bucket: bucket, Key: copy.Key }))).toEqual(Buffer.from('x'));
  } finally {
    root.destroy();
    caller.destroy();
    await counted.stop();
  }
});
