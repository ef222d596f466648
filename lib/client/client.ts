import { type ApiOptions, createApi, type Credential } from './api.ts';
import type {
  Bucket,
  CdnCookies,
  DelegatedToken,
  DeleteResult,
  DownloadItem,
  DownloadResult,
  LifecycleRule,
  ListPage,
  Me,
  RestoreResult,
  SignedDownload,
  ObjectDetails,
  CompletedUpload,
  TokenRequest,
  UploadStatus,
  Usage,
  UsageDay,
} from './contract.ts';
import { type Download, type DownloadSource, openDownload } from './download.ts';
import { type EventCalls, eventCalls } from './events.ts';
import { readLifecycle, restoreObjects, type RestoreOptions, writeLifecycle } from './lifecycle.ts';
import { createKeys, type Keys } from './keys.ts';
import {
  deleteObject,
  deleteObjects,
  type DownloadUrlOptions,
  listObjects,
  type ListOptions,
  listPages,
  readObject,
  signCookies,
  signDownload,
  signDownloads,
} from './objects.ts';
import { fetchSender, type SendBody, xhrSender } from './send-body.ts';
import { upload } from './upload.ts';
import { abortUpload, uploadStatus } from './upload-calls.ts';
import type { UploadOptions } from './upload-run.ts';
import { listUsageDays, readUsage, type UsageDaysOptions } from './usage.ts';
import { type WebhookCalls, webhookCalls } from './webhooks.ts';

export interface ClientOptions extends ApiOptions {
  readonly credential: Credential;
  /** How bodies go to storage. Default: `XMLHttpRequest` where there is one, since it tells of its progress; else `fetch`. */
  readonly sendBody?: SendBody;
}

/** For a request that may be called off. */
export interface Stoppable {
  readonly signal?: AbortSignal;
}

/** Stowage from a browser, Node or React Native. Methods throw `StowageApiError` and `ConnectionError`. */
export interface StowageClient {
  /** Who the credential stands for, and what it may do. */
  me(): Promise<Me>;
  /** The buckets that the caller may see. */
  buckets(): Promise<readonly Bucket[]>;
  /** One page of a bucket's keys, in the order of their UTF-8 bytes. */
  list(bucket: string, options?: ListOptions): Promise<ListPage>;
  /** All pages, one after the other, each fetched when the last has been used. */
  pages(bucket: string, options?: ListOptions): AsyncGenerator<ListPage, void, undefined>;
  /** Size, type and metadata of one object. */
  object(bucket: string, key: string, options?: Stoppable): Promise<ObjectDetails>;
  /** Deletes one object; one that is not there is no error. */
  delete(bucket: string, key: string, options?: Stoppable): Promise<void>;
  /** Deletes any number, with a result for each. */
  deleteMany(bucket: string, keys: readonly string[], options?: Stoppable): Promise<readonly DeleteResult[]>;
  /** Asks for readable copies of archived objects, with a result for each. They take hours to be there. */
  restore(
    bucket: string,
    keys: readonly string[],
    options: RestoreOptions,
  ): Promise<readonly RestoreResult[]>;
  /** The rules by which objects of a bucket expire, move or are tidied up. */
  lifecycle(bucket: string, options?: Stoppable): Promise<readonly LifecycleRule[]>;
  /** Sets the rules beside those of the service's configuration, which stay. Gives all that the bucket has then. */
  setLifecycle(
    bucket: string,
    rules: readonly LifecycleRule[],
    options?: Stoppable,
  ): Promise<readonly LifecycleRule[]>;
  /** A signed URL that works without a credential until it expires. */
  share(item: DownloadItem, options?: DownloadUrlOptions): Promise<SignedDownload>;
  /** Signed URLs for any number of objects, with a result for each. */
  shareMany(items: readonly DownloadItem[], options?: DownloadUrlOptions): Promise<readonly DownloadResult[]>;
  /**
   * Opens every object whose key begins with a prefix at the CDN, for video in segments, maps in tiles and the like. In a browser
   * the cookies are kept; elsewhere they, or the query, are in the answer.
   */
  openFolder(bucket: string, prefix: string, options?: Omit<DownloadUrlOptions, 'via'>): Promise<CdnCookies>;
  /**
   * Reads an object's bytes, by ranges. In a browser, point a link at {@link StowageClient.share} where the whole is wanted; React
   * Native's `fetch` cannot stream, so use its file download there.
   */
  download(source: DownloadSource): Download;
  /** A short-lived token with a subset of the caller's grants, to hand to a browser or a phone. */
  mintToken(request: TokenRequest): Promise<DelegatedToken>;
  /** Ends a token before its time, and all that was made with it; everywhere within 30 seconds. */
  revokeToken(tokenId: string): Promise<void>;
  /** The API keys of the caller's tenant. */
  readonly keys: Keys;
  /** Sends a source straight to storage, in parallel parts when it is large; see {@link UploadOptions}. */
  upload(source: Blob, options: UploadOptions): Promise<CompletedUpload>;
  /** What has become of an upload, with all parts that storage has received. */
  uploadStatus(uploadId: string): Promise<UploadStatus>;
  /** What the caller's tenant takes of each bucket that has a quota; every tenant, for an admin without one. */
  usage(options?: Stoppable): Promise<readonly Usage[]>;
  /** What of it came and went, day by day, where anything did. */
  usageDays(bucket: string, options?: UsageDaysOptions): AsyncGenerator<UsageDay, void, undefined>;
  /** What happens to objects, as it happens. */
  readonly events: EventCalls;
  /** Who is told of what happens. */
  readonly webhooks: WebhookCalls;
  /** Gives an upload up; storage drops the parts that it has received. */
  abortUpload(uploadId: string): Promise<void>;
}

/**
 * Makes a client. It holds no connection and no state but the service's clock.
 *
 * @example
 * const stowage = createClient({ baseUrl: 'https://files.example.com', credential: token });
 * await stowage.upload(file, { bucket: 'media', key: file.name, onProgress: show });
 */
export function createClient(options: ClientOptions): StowageClient {
  const { retry = {}, fetch: fetchFunction = fetch } = options;
  const send = options.sendBody ?? defaultSender(fetchFunction);
  const api = createApi({ ...options, retry: { attempts: 4, ...retry } });
  // A transfer has more to lose than a question: it waits longer for a server that is away.
  const transfer = { api: createApi(options), send, fetch: fetchFunction, retry };
  return {
    me: () => api.request({ method: 'GET', path: '/v1/me' }),
    buckets: async () => {
      const { buckets } = await api.request<{ buckets: readonly Bucket[] }>({
        method: 'GET',
        path: '/v1/buckets',
      });
      return buckets;
    },
    list: (bucket, listOptions = {}) => listObjects(api, bucket, listOptions),
    pages: (bucket, listOptions = {}) => listPages(api, bucket, listOptions),
    object: (bucket, key, { signal } = {}) => readObject(api, bucket, key, signal),
    delete: (bucket, key, { signal } = {}) => deleteObject(api, bucket, key, signal),
    deleteMany: (bucket, keys, { signal } = {}) => deleteObjects(api, bucket, keys, signal),
    restore: (bucket, keys, restoreOptions) => restoreObjects(api, bucket, keys, restoreOptions),
    lifecycle: (bucket, { signal } = {}) => readLifecycle(api, bucket, signal),
    setLifecycle: (bucket, rules, { signal } = {}) => writeLifecycle(api, bucket, rules, signal),
    share: (item, urlOptions = {}) => signDownload(api, item, urlOptions),
    shareMany: (items, urlOptions = {}) => signDownloads(api, items, urlOptions),
    openFolder: (bucket, prefix, cookieOptions = {}) => signCookies(api, bucket, prefix, cookieOptions),
    download: (source) => openDownload(transfer, source),
    mintToken: (request) => api.request({ method: 'POST', path: '/v1/tokens', body: request }),
    revokeToken: (tokenId) => api.request({ method: 'POST', path: '/v1/tokens/revoke', body: { tokenId } }),
    keys: createKeys(api),
    upload: (source, uploadOptions) => upload(source, uploadOptions, transfer),
    uploadStatus: (uploadId) => uploadStatus(api, uploadId, undefined),
    abortUpload: (uploadId) => abortUpload(api, uploadId),
    usage: ({ signal } = {}) => readUsage(api, signal),
    usageDays: (bucket, dayOptions = {}) => listUsageDays(api, bucket, dayOptions),
    events: eventCalls(api),
    webhooks: webhookCalls(api),
  };
}

function defaultSender(fetchFunction: typeof fetch): SendBody {
  return typeof XMLHttpRequest === 'undefined' ? fetchSender(fetchFunction) : xhrSender;
}
