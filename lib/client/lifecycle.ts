import type { Api } from './api.ts';
import type { LifecycleRule, RestoreResult } from './contract.ts';

export interface RestoreOptions {
  /** How long the copies can be read. */
  readonly days: number;
  /** How soon they are there: the sooner, the dearer. Default: `Standard`, some hours. */
  readonly tier?: 'Expedited' | 'Standard' | 'Bulk';
  readonly signal?: AbortSignal;
}

/** The most that one batch takes. */
const batchSize = 1000;

export async function readLifecycle(
  api: Api,
  bucket: string,
  signal: AbortSignal | undefined,
): Promise<readonly LifecycleRule[]> {
  const { rules } = await api.request<LifecycleAnswer>({ method: 'GET', path: pathOf(bucket), signal });
  return rules;
}

export async function writeLifecycle(
  api: Api,
  bucket: string,
  rules: readonly LifecycleRule[],
  signal: AbortSignal | undefined,
): Promise<readonly LifecycleRule[]> {
  const answer = await api.request<LifecycleAnswer>({
    method: 'PUT',
    path: pathOf(bucket),
    body: { rules },
    signal,
  });
  return answer.rules;
}

export async function restoreObjects(
  api: Api,
  bucket: string,
  keys: readonly string[],
  { days, tier, signal }: RestoreOptions,
): Promise<readonly RestoreResult[]> {
  const all: RestoreResult[] = [];
  for (let start = 0; start < keys.length; start += batchSize) {
    const { results } = await api.request<{ results: readonly RestoreResult[] }>({
      method: 'POST',
      path: `/v1/objects/${encodeURIComponent(bucket)}/restore`,
      body: { keys: keys.slice(start, start + batchSize), days, tier },
      signal,
    });
    all.push(...results);
  }
  return all;
}

interface LifecycleAnswer {
  readonly rules: readonly LifecycleRule[];
}

function pathOf(bucket: string): string {
  return `/v1/lifecycle/${encodeURIComponent(bucket)}`;
}
