import * as v from 'valibot';
import { expect, test } from 'vitest';
import { tokenAnswer } from '../../lib/access/schema.ts';
import { uploadAnswer } from '../../lib/uploads/schema.ts';
import { openTestService } from '../support/service.ts';

test('a single-use token is used up in every process that shares the records, until long after its end', async () => {
  const one = await openTestService();
  const shared = { ...one.records, close: async () => {} };
  const other = await openTestService(undefined, { openRecords: async () => shared });
  const grants = [{ bucket: 'files', actions: ['read'] }];
  const command = { grants, singleUse: true, expiresInSeconds: 60 };
  const { token, tokenId } = v.parse(
    tokenAnswer,
    await (await one.call('POST', '/v1/tokens', command)).json(),
  );
  const path = '/v1/content/files/a';
  expect((await one.call('GET', path, undefined, token)).status).toBe(302);
  const again = await other.call('GET', path, undefined, token);
  expect(await again.json()).toMatchObject({ code: 'token_used' });
  one.setClock(() => new Date(Date.now() + 120_000));
  expect(await one.records.get('used-tokens', tokenId)).toBeDefined();
  await other.stop();
  await one.stop();
});

test('an address that a token or an ending key asks for works no longer than itself', async () => {
  const service = await openTestService();
  const grants = [{ bucket: 'files', actions: ['read', 'write'] }];
  const minted = await service.call('POST', '/v1/tokens', { grants, expiresInSeconds: 60 });
  const { token, expiresAt } = v.parse(tokenAnswer, await minted.json());
  const upload = {
    bucket: 'files',
    key: 'a',
    sizeBytes: 20 * 2 ** 20,
    method: 'multipart',
    expiresInSeconds: 86_400,
  };
  const begun = v.parse(
    uploadAnswer,
    await (await service.call('POST', '/v1/uploads', upload, token)).json(),
  );
  expect(Date.parse(begun.expiresAt)).toBeLessThanOrEqual(Date.parse(expiresAt) + 1000);
  const parts = { partNumbers: [1], expiresInSeconds: 86_400 };
  const endSchema = v.object({ expiresAt: v.string() });
  const ends = [
    v.parse(
      v.object({ parts: v.array(endSchema) }),
      await (await service.call('POST', `/v1/uploads/${begun.uploadId}/parts`, parts, token)).json(),
    ).parts,
    v.parse(
      v.object({ items: v.array(endSchema) }),
      await (
        await service.call(
          'POST',
          '/v1/downloads',
          { items: [{ bucket: 'files', key: 'a' }], expiresInSeconds: 86_400 },
          token,
        )
      ).json(),
    ).items,
  ].flat();
  expect(ends).toHaveLength(2);
  for (const end of ends) expect(Date.parse(end.expiresAt)).toBeLessThanOrEqual(Date.parse(expiresAt) + 1000);
  await service.stop();
});
