import type { Api } from './api.ts';
import type { Usage, UsageDay } from './contract.ts';

export interface UsageDaysOptions {
  /** The first day, such as `2026-11-25` (UTC). Default: 29 days before the last. */
  readonly from?: string;
  /** The last day. Default: today. */
  readonly to?: string;
  readonly signal?: AbortSignal;
}

export async function readUsage(api: Api, signal: AbortSignal | undefined): Promise<readonly Usage[]> {
  const { usage } = await api.request<{ usage: readonly Usage[] }>({
    method: 'GET',
    path: '/v1/usage',
    signal,
  });
  return usage;
}

export async function* listUsageDays(
  api: Api,
  bucket: string,
  { from, to, signal }: UsageDaysOptions,
): AsyncGenerator<UsageDay, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: { readonly days: readonly UsageDay[]; readonly cursor?: string } = await api.request({
      method: 'GET',
      path: '/v1/usage/days',
      query: { bucket, from, to, cursor },
      signal,
    });
    yield* page.days;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
