import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPages } from '../../lib/pages/read-pages.ts';
import { pageRoutes } from '../../lib/pages/routes.ts';

const html = `<!doctype html><title>Home</title>${'<p>plain</p>'.repeat(50)}`;

let folder: string;
let app: ReturnType<typeof pageRoutes>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-pages-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), html);
  await writeFile(join(folder, 'docs.html'), '<!doctype html><title>Docs</title>');
  await writeFile(join(folder, 'assets', 'main-A1B2C3D4.js'), 'export const answer = 42;');
  app = pageRoutes({
    pages: readPages(folder),
    storageOrigins: ['https://one.s3.example.com', 'https://two.s3.example.com'],
    connectOrigins: [],
  });
});

afterAll(() => rm(folder, { recursive: true }));

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });

describe('where files are served', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/docs', 'text/html; charset=utf-8', 'no-cache'],
    ['/assets/main-A1B2C3D4.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ])('%s', async (path, contentType, cacheControl) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(response.headers.get('cache-control')).toBe(cacheControl);
  });

  it.each(['/index.html', '/docs.html', '/assets/', '/assets/other.js', '/assets/../index.html/x'])(
    'not at %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('refuses to read a file of a type that it does not know', async () => {
    const other = await mkdtemp(join(tmpdir(), 'stowage-pages-'));
    await writeFile(join(other, 'notes.docx'), '');
    expect(() => readPages(other)).toThrow(/notes\.docx/);
    await rm(other, { recursive: true });
  });
});

describe('compression', () => {
  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.000', null],
    ['zstd', null],
    ['', null],
  ])('accept-encoding "%s" gives %s', async (acceptEncoding, coding) => {
    const response = await get('/', { 'accept-encoding': acceptEncoding });
    const bytes = Buffer.from(await response.arrayBuffer());
    const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(response.headers.get('vary')).toBe('accept-encoding');
    const decode = coding === 'br' || coding === 'gzip' ? decoders[coding] : (plain: Buffer) => plain;
    expect(decode(bytes).toString()).toBe(html);
  });
});

describe('validation', () => {
  it('answers 304 without a body to who holds the representation', async () => {
    const etag = (await get('/')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const ifNoneMatch of [etag, `"other", ${etag}`, `W/${etag}`]) {
      const response = await get('/', { 'if-none-match': ifNoneMatch });
      expect(response.status).toBe(304);
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toBe('');
    }
    expect((await get('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('gives each coding a tag of its own', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', ''].map(async (coding) =>
        (await get('/', { 'accept-encoding': coding })).headers.get('etag'),
      ),
    );
    expect(new Set(tags).size).toBe(3);
  });
});

it('lets a page reach nothing but the service and storage', async () => {
  const { headers } = await get('/docs');
  const storage = 'https://one.s3.example.com https://two.s3.example.com';
  expect(headers.get('content-security-policy')?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob: ${storage}`,
    `media-src ${storage}`,
    `connect-src 'self' ${storage}`,
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]);
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
});
