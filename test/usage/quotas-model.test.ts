import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api, UploadAnswer } from '../hosts/suite/host.ts';
import { openTestService, type TestService } from '../support/service.ts';
import { abort, apiOf, asTenant, remove, send, sweep, usageOf } from './tenants.ts';

const maxBytes = 100;
const maxObjects = 4;
const week = 8 * 86_400_000;
const runs = process.env['CI'] === 'true' ? 200 : 25;

/** What the model knows of an upload. */
interface Upload {
  readonly answer: UploadAnswer;
  readonly tenant: number;
  readonly key: string;
  readonly sizeBytes: number;
  isHeld: boolean;
  /** Its address is dead, and its reservation gone. */
  isOver: boolean;
}

/** Counted back from the latest, which is the likeliest, so that uploads often come to their end. */
const which = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(20) });
const keys = fc.constantFrom('a', 'b');
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('begin' as const),
      tenant: fc.nat(1),
      key: keys,
      sizeBytes: fc.nat(60),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('send' as const, 'complete' as const), which }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('abort' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('delete' as const), key: keys }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('expire' as const) }) },
);

let service: TestService;
let root: Api;
beforeAll(async () => {
  service = await openTestService({
    buckets: { files: {} },
    quotas: [{ tenant: '*', bucket: 'files', maxBytes, maxObjects }],
  });
  root = apiOf(service);
});
afterAll(() => service.stop());

test(
  'whatever is begun, sent, completed, aborted, deleted or left alone: usage is as the model says',
  { timeout: 600_000 },
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        run += 1;
        const prefix = `${run}/`;
        const tenants = [await asTenant(root, `a-${run}`), await asTenant(root, `b-${run}`)] as const;
        const uploads: Upload[] = [];
        /** By key: the upload whose object stands in storage, and the one whose object is counted. */
        const stored = new Map<string, Upload>();
        const counted = new Map<string, Upload>();

        const takenBy = (tenant: number) => {
          const objects = [...counted.values()].filter((upload) => upload.tenant === tenant);
          const reserved = uploads.filter((upload) => upload.tenant === tenant && upload.isHeld);
          return {
            bytes: sizeOf(objects),
            objects: objects.length,
            reservedBytes: sizeOf(reserved),
            reservedObjects: reserved.length,
          };
        };
        const settle = (upload: Upload) => {
          upload.isHeld = false;
          if (stored.get(upload.key) === upload) counted.set(upload.key, upload);
        };
        const sweepAll = async () => {
          await sweep({ ...service, now: () => new Date(Date.now() + week) });
          for (const upload of uploads.filter(({ isOver }) => !isOver)) {
            settle(upload);
            upload.isOver = true;
          }
        };

        for (const one of steps) {
          const upload = 'which' in one ? uploads.at(-1 - (one.which % uploads.length)) : undefined;
          if ('which' in one && !upload) continue;
          if (one.act === 'begin') {
            const { tenant, sizeBytes } = one;
            const key = prefix + one.key;
            const taken = takenBy(tenant);
            const fits =
              (sizeBytes === 0 || taken.bytes + taken.reservedBytes + sizeBytes <= maxBytes) &&
              taken.objects + taken.reservedObjects < maxObjects;
            const api = tenants[tenant === 0 ? 0 : 1];
            const command = { bucket: 'files', key, sizeBytes, method: 'put' };
            if (fits) {
              const answer = await api.begin(command);
              uploads.push({ answer, tenant, key, sizeBytes, isHeld: true, isOver: false });
            } else {
              expect(await api.refusal('POST', '/v1/uploads', command)).toBe('403 quota_exceeded');
            }
          } else if (one.act === 'delete') {
            const key = prefix + one.key;
            await remove(tenants[0], key);
            stored.delete(key);
            counted.delete(key);
          } else if (one.act === 'expire') {
            await sweepAll();
          } else if (upload) {
            const api = tenants[upload.tenant === 0 ? 0 : 1];
            const { uploadId } = upload.answer;
            if (one.act === 'abort') {
              await abort(api, upload.answer);
              settle(upload);
            } else if (one.act === 'complete') {
              const { status } = await api.call('POST', `/v1/uploads/${uploadId}/complete`);
              const stands = stored.get(upload.key) === upload;
              expect(status).toBe(stands ? 200 : 409);
              if (stands) settle(upload);
            } else if (!upload.isOver) {
              await send(upload.answer, 'x'.repeat(upload.sizeBytes));
              stored.set(upload.key, upload);
            }
          }
          for (const [index, tenant] of tenants.entries()) {
            const { reservedObjects: _, ...shown } = takenBy(index);
            expect(await usageOf(tenant)).toMatchObject(shown);
          }
        }

        await sweepAll();
        for (const [index, tenant] of tenants.entries()) {
          const objects = [...stored.values()].filter((upload) => upload.tenant === index);
          expect(await usageOf(tenant), 'no leak: what is counted is what stands in storage').toMatchObject({
            bytes: sizeOf(objects),
            objects: objects.length,
            reservedBytes: 0,
          });
        }
      }),
      { numRuns: runs },
    );
  },
);

function sizeOf(uploads: readonly Upload[]): number {
  return uploads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
