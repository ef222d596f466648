import type { Api } from './api.ts';
import type { CompletedUpload, IssuedUpload, UploadRequest, UploadStatus } from './contract.ts';

/** What the service does for an upload. The bytes themselves go to storage. */

export function issueUpload(
  api: Api,
  request: UploadRequest,
  signal: AbortSignal | undefined,
): Promise<IssuedUpload> {
  return api.request({ method: 'POST', path: '/v1/uploads', body: request, signal });
}

export function uploadStatus(
  api: Api,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<UploadStatus> {
  return api.request({ method: 'GET', path: uploadPath(uploadId), signal });
}

/** Without a list of parts: the service asks storage, so no ETag has to be readable here. */
export function completeUpload(
  api: Api,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<CompletedUpload> {
  return api.request({ method: 'POST', path: `${uploadPath(uploadId)}/complete`, body: {}, signal });
}

export function abortUpload(api: Api, uploadId: string): Promise<void> {
  return api.request({ method: 'DELETE', path: uploadPath(uploadId) });
}

export function uploadPath(uploadId: string): string {
  return `/v1/uploads/${encodeURIComponent(uploadId)}`;
}
