import { type Api, encodeKey } from './api.ts';
import type {
  CdnCookies,
  DeleteResult,
  DownloadItem,
  DownloadResult,
  ListPage,
  SignedDownload,
  ObjectDetails,
} from './contract.ts';
import { StowageApiError } from './errors.ts';

export interface ListOptions {
  readonly prefix?: string;
  /** Usually `/`: keys with it behind the prefix are gathered into `prefixes`, like folders. */
  readonly delimiter?: string;
  /** Entries of a page at most. */
  readonly limit?: number;
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

export interface DownloadUrlOptions {
  /** How long the URLs work. Default: the service's `urlLifetimeSeconds`. */
  readonly expiresInSeconds?: number;
  /** `cdn`: by way of the CDN, for buckets that it serves. Default: straight from storage. */
  readonly via?: 'storage' | 'cdn';
  readonly signal?: AbortSignal;
}

/** The most that one batch takes. */
const batchSize = 1000;

export function listObjects(api: Api, bucket: string, options: ListOptions): Promise<ListPage> {
  const { prefix, delimiter, limit, cursor, signal } = options;
  return api.request({
    method: 'GET',
    path: `/v1/objects/${encodeURIComponent(bucket)}`,
    query: { prefix, delimiter, limit, cursor },
    signal,
  });
}

export async function* listPages(
  api: Api,
  bucket: string,
  options: ListOptions,
): AsyncGenerator<ListPage, void, undefined> {
  let cursor = options.cursor;
  do {
    const page = await listObjects(api, bucket, { ...options, ...(cursor !== undefined && { cursor }) });
    yield page;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

export function readObject(
  api: Api,
  bucket: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectDetails> {
  return api.request({ method: 'GET', path: objectPath(bucket, key), signal });
}

export function deleteObject(
  api: Api,
  bucket: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  return api.request({ method: 'DELETE', path: objectPath(bucket, key), signal });
}

export async function deleteObjects(
  api: Api,
  bucket: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<DeleteResult[]> {
  const all: DeleteResult[] = [];
  for (const batch of batchesOf(keys)) {
    const { results } = await api.request<{ results: readonly DeleteResult[] }>({
      method: 'POST',
      path: `/v1/objects/${encodeURIComponent(bucket)}/delete`,
      body: { keys: batch },
      signal,
    });
    all.push(...results);
  }
  return all;
}

export async function signDownloads(
  api: Api,
  items: readonly DownloadItem[],
  { expiresInSeconds, via, signal }: DownloadUrlOptions,
): Promise<DownloadResult[]> {
  const all: DownloadResult[] = [];
  for (const batch of batchesOf(items)) {
    const answer = await api.request<{ items: readonly DownloadResult[] }>({
      method: 'POST',
      path: '/v1/downloads',
      body: { items: batch, expiresInSeconds, via },
      signal,
    });
    all.push(...answer.items);
  }
  return all;
}

/** @throws {@link StowageApiError} when the one item is refused */
export async function signDownload(
  api: Api,
  item: DownloadItem,
  options: DownloadUrlOptions,
): Promise<SignedDownload> {
  const [result] = await signDownloads(api, [item], options);
  if (!result) throw new Error('the service answered for no item');
  if (result.error) throw new StowageApiError(0, result.error);
  return result;
}

export function signCookies(
  api: Api,
  bucket: string,
  prefix: string,
  { expiresInSeconds, signal }: Omit<DownloadUrlOptions, 'via'>,
): Promise<CdnCookies> {
  return api.request({
    method: 'POST',
    path: '/v1/downloads/cookies',
    body: { bucket, prefix, expiresInSeconds },
    keepsCookies: true,
    signal,
  });
}

function objectPath(bucket: string, key: string): string {
  return `/v1/objects/${encodeURIComponent(bucket)}/${encodeKey(key)}`;
}

function* batchesOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += batchSize) yield items.slice(start, start + batchSize);
}
