import type { Connection } from '../storage/connection.ts';
import { type Page, readPages } from './read-pages.ts';

/**
 * Puts the built console into a bucket, for a CDN to serve it: the files that the pages name before the pages, so that
 * no page ever names what is not there. What earlier versions left stays, for the browsers that still have their pages.
 *
 * @param folder - where `npm run build:console` has put it
 * @throws S3Error when storage refuses
 */
export async function publishPages(
  folder: string,
  bucket: string,
  { send }: Pick<Connection, 'send'>,
): Promise<void> {
  const pages = readPages(folder);
  for (const isImmutable of [true, false]) {
    const files = pages.filter((page) => page.isImmutable === isImmutable);
    await Promise.all(files.map((page) => send({ method: 'PUT', bucket, ...toObject(page) })));
  }
}

/** Uncompressed: the CDN compresses for each browser what it can read. */
function toObject({ path, contentType, isImmutable, representations }: Page) {
  const file = representations.find(({ coding }) => coding === 'identity');
  return {
    key: fileName(path, contentType),
    headers: {
      'content-type': contentType,
      'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
    body: Buffer.from(file?.body ?? []).toString('utf8'),
  };
}

function fileName(path: string, contentType: string): string {
  if (path === '/') return 'index.html';
  const name = path.slice(1);
  return contentType.startsWith('text/html') ? `${name}.html` : name;
}
