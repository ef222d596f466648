import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { OpenConsole } from './open-console.ts';

export function objectsSuite(opened: () => OpenConsole): void {
  beforeAll(async () => {
    await put('letters/anna.txt', 'Dear Anna, the sea is calm.');
    await put('letters/bo.txt', 'Dear Bo');
    await put('letters/2026/chen & ülle #1?.txt', 'Dear Chen');
    const many = Array.from({ length: 105 }, (_, index) => `many/${String(index).padStart(3, '0')}`);
    await Promise.all(many.map((key, index) => put(key, 'x'.repeat(index))));
  });

  const put = (key: string, content: string) =>
    opened().client.upload(new Blob([content], { type: 'text/plain' }), { bucket: 'files', key });

  it('leads through folders by links, and back', async () => {
    const page = await opened().signedIn();
    await page.getByRole('link', { name: 'letters/' }).click();
    await page.getByRole('link', { name: '2026/' }).click();
    await page.getByRole('button', { name: 'chen & ülle #1?.txt', exact: true }).waitFor();
    expect(await page.title()).toBe('files/letters/2026/ – Stowage');
    await page.reload();
    await page.getByRole('button', { name: 'chen & ülle #1?.txt', exact: true }).waitFor();
    await page.getByRole('navigation', { name: 'Folder' }).getByRole('link', { name: 'letters' }).click();
    await page.getByRole('button', { name: 'anna.txt', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'chen & ülle #1?.txt', exact: true }).waitFor();
  });

  it('finds by the beginning of a name, and says so when nothing begins so', async () => {
    const page = await opened().signedIn('files/letters/');
    const search = page.getByRole('searchbox');
    await search.pressSequentially('an');
    await expect.poll(() => names(page)).toEqual(['anna.txt']);
    await search.pressSequentially('x');
    await page.getByText('Nothing begins with “anx”').waitFor();
    await search.fill('');
    await expect.poll(() => names(page)).toEqual(['2026/', 'anna.txt', 'bo.txt']);
  });

  it('pages, and sorts what is on the page', async () => {
    const page = await opened().signedIn('files/many/');
    expect(await names(page)).toHaveLength(100);
    await page.getByRole('button', { name: 'Size' }).click();
    await page.getByRole('button', { name: 'Size' }).click();
    expect((await names(page))[0]).toBe('099');
    expect(await page.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => names(page)).toEqual(['104', '103', '102', '101', '100']);
    await page.getByRole('button', { name: 'Previous' }).click();
    await expect.poll(() => names(page)).toHaveLength(100);
  });

  it('shows what an object is, and saves it byte for byte', async () => {
    const page = await opened().signedIn('files/letters/');
    await page.getByRole('button', { name: 'anna.txt', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'anna.txt' });
    await dialog.getByText('Dear Anna, the sea is calm.').waitFor();
    await dialog.getByText('27 bytes').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('anna.txt');
    expect(await readFile(await download.path(), 'utf8')).toBe('Dear Anna, the sea is calm.');
  });

  it('makes a link that works for anybody, for as long as it says', async () => {
    const page = await opened().signedIn('files/letters/', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('row', { name: 'anna.txt' }).hover();
    await page.getByRole('button', { name: 'Share anna.txt' }).click();
    await page.getByRole('radio', { name: '1 day' }).check({ force: true });
    const dialog = page.getByRole('dialog', { name: 'Share anna.txt' });
    const until = dialog.locator('time');
    await expect
      .poll(async () => Date.parse((await until.getAttribute('datetime')) ?? '') - Date.now())
      .toBeGreaterThan(86_000_000);
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('Link copied').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());

    expect(URL.parse(link)?.searchParams.get('X-Amz-Expires')).toBe('86400');
    expect(await (await fetch(link)).text()).toBe('Dear Anna, the sea is calm.');
    const stranger = await opened().newPage();
    expect(await (await stranger.request.get(link)).text()).toBe('Dear Anna, the sea is calm.');
  });

  it('deletes one and many, folders included, and only after asking', async () => {
    for (const key of ['a.txt', 'b.txt', 'c.txt', 'deep/1', 'deep/er/2']) await put(`old/${key}`, key);
    const page = await opened().signedIn('files/old/');
    await page.getByRole('row', { name: 'a.txt' }).hover();
    await page.getByRole('button', { name: 'Delete a.txt' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await names(page)).toEqual(['deep/', 'a.txt', 'b.txt', 'c.txt']);

    await page.getByRole('row', { name: 'a.txt' }).hover();
    await page.getByRole('button', { name: 'Delete a.txt' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('1 object deleted').waitFor();
    await expect.poll(() => names(page)).toEqual(['deep/', 'b.txt', 'c.txt']);

    await page.getByRole('checkbox', { name: 'Select deep/' }).check();
    await page.getByRole('checkbox', { name: 'Select b.txt' }).check();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByText('deep/ and all that is in it').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('3 objects deleted').waitFor();
    await expect.poll(() => names(page)).toEqual(['c.txt']);
    const { objects } = await opened().client.list('files', { prefix: 'old/' });
    expect(objects.map(({ key }) => key)).toEqual(['old/c.txt']);
  });

  function names(page: Awaited<ReturnType<OpenConsole['signedIn']>>): Promise<string[]> {
    return page.locator('.listing tbody .name').allInnerTexts();
  }
}
