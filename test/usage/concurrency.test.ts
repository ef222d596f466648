import * as v from 'valibot';
import { afterAll, expect, test } from 'vitest';
import { createDynamoRecords } from '../../lib/records/dynamodb.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import type { UploadAnswer } from '../hosts/suite/host.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { connectionTo, createRecordsTable } from '../support/records-table.ts';
import { openTestService, type TestServiceOptions } from '../support/service.ts';
import { abort, apiOf, sweep, usageOf } from './tenants.ts';

type OpenRecords = NonNullable<TestServiceOptions['openRecords']>;

const table = 'quotas';
const day = 86_400_000;
const isThorough = process.env['CI'] === 'true';

describeConcurrency('SQLite', isThorough ? 10_000 : 2000, (file, now) => openSqliteRecords({ file, now }));

const local = await startDynamoDbLocal();
if (local) {
  await createRecordsTable(local.endpoint, table);
  afterAll(() => local.stop());
  const connection = connectionTo(local.endpoint);
  describeConcurrency("DynamoDB (AWS's DynamoDB Local)", isThorough ? 10_000 : 200, async (_, now) =>
    createDynamoRecords({ table, connection, now }),
  );
} else {
  test.skip("quotas on DynamoDB: AWS's DynamoDB Local is absent", () => {});
}

function describeConcurrency(name: string, crowd: number, openRecords: OpenRecords): void {
  const fitting = crowd * 0.6;

  test(`${crowd} uploads begun at once fill a quota on ${name}, exactly`, { timeout: 600_000 }, async () => {
    const service = await openTestService(
      { buckets: { files: {} }, quotas: [{ tenant: '*', bucket: 'files', maxBytes: 7 * fitting + 3 }] },
      { openRecords },
    );
    const api = apiOf(service);
    const answers = await Promise.all(
      Array.from({ length: crowd }, (_, index) =>
        api.call('POST', '/v1/uploads', { bucket: 'files', key: `${index}`, sizeBytes: 7 }),
      ),
    );
    const byStatus = Map.groupBy(answers, ({ status }) => status);
    const counts = Array.from(byStatus, ([status, ofStatus]) => [status, ofStatus.length]);
    expect(Object.fromEntries(counts)).toEqual({ 201: fitting, 403: crowd - fitting });
    const begun = byStatus.get(201) ?? [];
    expect(await usageOf(api)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 7 * fitting });

    // Each is aborted twice, at once; then the rest is over, for two sweeps at once.
    const aborted: UploadAnswer[] = [];
    for (const answer of begun.slice(0, 100)) aborted.push(v.parse(uploadAnswer, await answer.json()));
    await Promise.all([...aborted, ...aborted].map((upload) => abort(api, upload)));
    expect(await usageOf(api)).toMatchObject({ reservedBytes: 7 * (fitting - 100) });
    const sweepLater = () => sweep({ ...service, now: () => new Date(Date.now() + day) });
    await Promise.all([sweepLater(), sweepLater()]);
    expect(await usageOf(api)).toMatchObject({ bytes: 0, objects: 0, reservedBytes: 0 });
    expect(await sweepLater()).toBe(0);
    await service.stop();
  });
}
