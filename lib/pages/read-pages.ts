import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export type ContentCoding = 'br' | 'gzip' | 'identity';

/** One form of a page, as it goes over the wire. */
export interface Representation {
  readonly coding: ContentCoding;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Strong, so each coding has its own (RFC 9110, section 8.8.1). */
  readonly etag: string;
}

/** A built file of the console, held in memory. */
export interface Page {
  /** Where it is served: `/`, `/docs`, `/assets/main-A1B2C3.js`. */
  readonly path: string;
  readonly contentType: string;
  /** Its name holds a hash of its content, so what stands at this path never changes. */
  readonly isImmutable: boolean;
  /** Smallest first; the last is the file as it is. */
  readonly representations: readonly Representation[];
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the built console into memory, compressed once. `index.html` is served at `/`, `docs.html` at `/docs`, and all
 * else at its own path below the folder.
 *
 * @param folder - where `npm run build:console` has put it
 * @throws Error when the folder cannot be read, or holds a file of a type that is not served
 */
export function readPages(folder: string): readonly Page[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => readPage(file, file.slice(folder.length).replaceAll('\\', '/')));
}

function readPage(file: string, name: string): Page {
  const contentType = contentTypes[extname(name)];
  if (contentType === undefined) throw new Error(`${file} is of no type that the service shows`);
  const content = readFileSync(file);
  return {
    path: name.replace(/^\/index\.html$/, '/').replace(/\.html$/, ''),
    contentType,
    isImmutable: name.startsWith('/assets/'),
    representations: [
      represent('br', brotliCompressSync(content)),
      represent('gzip', gzipSync(content, { level: 9 })),
      represent('identity', content),
    ],
  };
}

function represent(coding: ContentCoding, content: Buffer): Representation {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  return { coding, body: new Uint8Array(content), etag };
}
