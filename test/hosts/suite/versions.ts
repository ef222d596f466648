import { expect, test } from 'vitest';
import { downloadsAnswer } from '../../../lib/downloads/schema.ts';
import { objectAnswer } from '../../../lib/objects/schema.ts';
import { completedAnswer } from '../../../lib/uploads/schema.ts';
import type { Api } from './host.ts';

/** `images` keeps versions. */
export function versionsSuite(api: Api): void {
  /** @returns the version that was made */
  async function storeVersion(key: string, text: string): Promise<string> {
    const { uploadId } = await api.store(key, text, { bucket: 'images', contentType: 'image/svg+xml' });
    const { versionId } = await api.ask(completedAnswer, 'POST', `/v1/uploads/${uploadId}/complete`);
    if (versionId === undefined) throw new Error('The object has no version.');
    return versionId;
  }

  test('a version stays what it was, and its address leads to it', async () => {
    const first = await storeVersion('versions/a.svg', 'first');
    const second = await storeVersion('versions/a.svg', 'second, longer');
    expect(first).not.toBe(second);
    const about = (query: string) =>
      api.ask(objectAnswer, 'GET', `/v1/objects/images/versions/a.svg${query}`);
    expect(await about('')).toMatchObject({ sizeBytes: 14, versionId: second });
    expect(await about(`?versionId=${first}`)).toMatchObject({ sizeBytes: 5, versionId: first });

    const { items } = await api.ask(downloadsAnswer, 'POST', '/v1/downloads', {
      items: [{ bucket: 'images', key: 'versions/a.svg', versionId: first }],
    });
    const [item] = items;
    if (!item || !('url' in item)) throw new Error(JSON.stringify(item));
    expect(await (await fetch(item.url)).text()).toBe('first');
  });

  test('deleting hides an object; deleting a version is for good', async () => {
    const version = await storeVersion('versions/b.svg', 'first');
    const target = '/v1/objects/images/versions/b.svg';
    expect((await api.call('DELETE', target)).status).toBe(204);
    expect(await api.refusal('GET', target)).toBe('404 object_not_found');
    expect((await api.call('GET', `${target}?versionId=${version}`)).status).toBe(200);
    expect((await api.call('DELETE', `${target}?versionId=${version}`)).status).toBe(204);
    expect(await api.refusal('GET', `${target}?versionId=${version}`)).toBe('404 object_not_found');
  });
}
