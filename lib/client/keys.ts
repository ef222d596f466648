import type { Api } from './api.ts';
import type { ApiKey, KeyRequest, NewApiKey, RotatedApiKey } from './contract.ts';

/** API keys: what servers sign in with. All of it takes `admin` on every bucket. */
export interface Keys {
  /** Every key of the caller's tenant, page by page. */
  list(): Promise<readonly ApiKey[]>;
  create(request: KeyRequest): Promise<NewApiKey>;
  /** With a disabled key ends all that it has made; enabled again, it can make anew. */
  setEnabled(keyId: string, enabled: boolean): Promise<ApiKey>;
  /** @param overlapSeconds - how long the old text is accepted, too. Default: not at all */
  rotate(keyId: string, overlapSeconds?: number): Promise<RotatedApiKey>;
  delete(keyId: string): Promise<void>;
}

export function createKeys(api: Api): Keys {
  const pathOf = (keyId: string) => `/v1/keys/${encodeURIComponent(keyId)}`;
  return {
    list: () => listKeys(api),
    create: (request) => api.request({ method: 'POST', path: '/v1/keys', body: request }),
    setEnabled: (keyId, enabled) => api.request({ method: 'PATCH', path: pathOf(keyId), body: { enabled } }),
    rotate: (keyId, overlapSeconds = 0) =>
      api.request({ method: 'POST', path: `${pathOf(keyId)}/rotate`, body: { overlapSeconds } }),
    delete: (keyId) => api.request({ method: 'DELETE', path: pathOf(keyId) }),
  };
}

async function listKeys(api: Api): Promise<readonly ApiKey[]> {
  const all: ApiKey[] = [];
  let cursor: string | undefined;
  do {
    const page: { readonly keys: readonly ApiKey[]; readonly cursor?: string } = await api.request({
      method: 'GET',
      path: '/v1/keys',
      query: { cursor },
    });
    all.push(...page.keys);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}
