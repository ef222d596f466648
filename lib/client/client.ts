import { type ApiOptions, createApi } from './api.ts';
import type {
  Bucket,
  DelegatedToken,
  DeleteResult,
  DownloadItem,
  DownloadResult,
  ListPage,
  Me,
  SignedDownload,
  StoredObject,
  TokenRequest,
  UploadStatus,
} from './contract.ts';
import {
  deleteObject,
  deleteObjects,
  type DownloadUrlOptions,
  listObjects,
  type ListOptions,
  listPages,
  readObject,
  signDownload,
  signDownloads,
} from './objects.ts';
import { fetchSender, type SendBody, xhrSender } from './send-body.ts';
import { abortUpload, upload, type UploadOptions, uploadStatus } from './upload.ts';

export interface ClientOptions extends ApiOptions {
  /** How bodies go to storage. Default: `XMLHttpRequest` where there is one, since it tells of its progress; else `fetch`. */
  readonly sendBody?: SendBody;
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
  object(bucket: string, key: string, options?: { readonly signal?: AbortSignal }): Promise<StoredObject>;
  /** Deletes one object; one that is not there is no error. */
  delete(bucket: string, key: string): Promise<void>;
  /** Deletes any number, with a result for each. */
  deleteMany(bucket: string, keys: readonly string[]): Promise<readonly DeleteResult[]>;
  /** A signed URL that works without a credential until it expires. */
  share(item: DownloadItem, options?: DownloadUrlOptions): Promise<SignedDownload>;
  /** Signed URLs for any number of objects, with a result for each. */
  shareMany(items: readonly DownloadItem[], options?: DownloadUrlOptions): Promise<readonly DownloadResult[]>;
  /** A short-lived token with a subset of the caller's grants, to hand to a browser or a phone. */
  mintToken(request: TokenRequest): Promise<DelegatedToken>;
  /** Sends a source straight to storage, in parallel parts when it is large; see {@link UploadOptions}. */
  upload(source: Blob, options: UploadOptions): Promise<StoredObject>;
  /** What has become of an upload, with all parts that storage has received. */
  uploadStatus(uploadId: string): Promise<UploadStatus>;
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
  const api = createApi(options);
  const send = options.sendBody ?? defaultSender(options);
  const retry = options.retry ?? {};
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
    delete: (bucket, key) => deleteObject(api, bucket, key),
    deleteMany: (bucket, keys) => deleteObjects(api, bucket, keys),
    share: (item, urlOptions = {}) => signDownload(api, item, urlOptions),
    shareMany: (items, urlOptions = {}) => signDownloads(api, items, urlOptions),
    mintToken: (request) => api.request({ method: 'POST', path: '/v1/tokens', body: request }),
    upload: (source, uploadOptions) => upload(source, uploadOptions, { api, send, retry }),
    uploadStatus: (uploadId) => uploadStatus(api, uploadId, undefined),
    abortUpload: (uploadId) => abortUpload(api, uploadId),
  };
}

function defaultSender({ fetch: fetchFunction = fetch }: ClientOptions): SendBody {
  return typeof XMLHttpRequest === 'undefined' ? fetchSender(fetchFunction) : xhrSender;
}
