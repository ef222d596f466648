import type * as v from 'valibot';
import { expect } from 'vitest';
import { actions } from '../../lib/access/grants.ts';
import { usageAnswer } from '../../lib/usage/schema.ts';
import { Api, type UploadAnswer } from '../hosts/suite/host.ts';
import { expiredReservations } from '../../lib/maintenance/expired-reservations.ts';
import type { SettleDeps } from '../../lib/usage/plan.ts';
import type { TestService } from '../support/service.ts';

type UsageRow = v.InferOutput<typeof usageAnswer>['usage'][number];

/** The service's API, as root. */
export function apiOf(service: TestService): Api {
  return new Api(() => ({
    request: async (method, target, headers, body) =>
      service.app.request(target, { method, headers, ...(body !== undefined && { body }) }),
    hasRecords: true,
    close: service.stop,
  }));
}

/** A caller of a tenant that may do everything; of none, when it is not named. */
export function asTenant(root: Api, tenant?: string): Promise<Api> {
  return root.delegate({
    grants: [{ bucket: '*', actions: actions.filter((action) => action !== 'admin') }],
    expiresInSeconds: 43_200,
    ...(tenant !== undefined && { tenant }),
  });
}

/** What the caller takes of the bucket `files`. */
export async function usageOf(api: Api): Promise<UsageRow | undefined> {
  const { usage } = await api.ask(usageAnswer, 'GET', '/v1/usage');
  return usage.find(({ bucket }) => bucket === 'files');
}

/** Sends the bytes of an upload by one request, which storage must take. */
export async function send(upload: UploadAnswer, text: string): Promise<void> {
  if (upload.method !== 'put') throw new Error(upload.method);
  const sent = await fetch(upload.put.url, { method: 'PUT', headers: upload.put.headers, body: text });
  expect(sent.status, await sent.text()).toBe(200);
}

export async function complete(api: Api, { uploadId }: UploadAnswer): Promise<void> {
  expect((await api.call('POST', `/v1/uploads/${uploadId}/complete`)).status).toBe(200);
}

export async function abort(api: Api, { uploadId }: UploadAnswer): Promise<void> {
  expect((await api.call('DELETE', `/v1/uploads/${uploadId}`)).status).toBe(204);
}

export async function remove(api: Api, key: string, query = ''): Promise<void> {
  expect((await api.call('DELETE', `/v1/objects/files/${key}${query}`)).status).toBe(204);
}

/**
 * Settles all uploads whose time is over.
 *
 * @param stepSize - so many are looked at at a time
 * @returns how many there were
 */
export async function sweep(deps: SettleDeps, stepSize?: number): Promise<number> {
  const task = expiredReservations({ ...deps, atOnce: 8 }, stepSize);
  let settled = 0;
  let cursor: unknown;
  do {
    const { next, counts, failures } = await task.step(cursor);
    if (failures.length > 0) throw new AggregateError(failures);
    settled += counts['settled'] ?? 0;
    cursor = next;
  } while (cursor !== undefined);
  return settled;
}
