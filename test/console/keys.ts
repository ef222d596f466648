import { expect, it } from 'vitest';
import { createClient } from '../../lib/client/client.ts';
import { barriers, still } from './accessibility.ts';
import { tabTo } from './keyboard.ts';
import type { OpenConsole } from './open-console.ts';

export function keysSuite(opened: () => OpenConsole): void {
  const clientAs = (credential: string) => createClient({ baseUrl: opened().url, credential });
  const grants = [{ bucket: 'files', actions: ['read'] as const }];

  it('are made with what is chosen, shown once, and work', async () => {
    const page = await opened().signedIn();
    await page.getByRole('link', { name: 'Keys', exact: true }).click();
    await page.getByText('No server has a key yet').waitFor();
    await page.getByRole('button', { name: 'New key…' }).click();
    await page.getByLabel('Name').fill('Build server');
    await page.getByLabel('Keys that begin with').fill('builds/');
    await page.getByRole('checkbox', { name: 'Write' }).check({ force: true });
    await page.getByLabel('Ends after days').fill('90');
    await page.getByRole('button', { name: 'Make it' }).click();
    const key = await page.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
    await page.getByRole('button', { name: 'Done' }).click();

    const row = page.getByRole('listitem', { name: 'Build server' });
    await row.getByText('May read, write, list in files/builds/').waitFor();
    await row.getByText('Never used').waitFor();
    expect(await page.content()).not.toContain(key);
    const upload = { bucket: 'files', key: 'builds/1' };
    expect(await clientAs(key).upload(new Blob(['1']), upload)).toMatchObject(upload);
    await page.reload();
    await row.getByText('Last used').waitFor();
  });

  it('are rotated, disabled, enabled and deleted', async () => {
    const { key } = await opened().client.keys.create({ name: 'Old one', grants });
    const page = await opened().signedIn('#keys');
    const row = page.getByRole('listitem', { name: 'Old one' });
    await row.getByRole('button', { name: 'Rotate…' }).click();
    await page.getByRole('radio', { name: 'Not at all' }).check({ force: true });
    await page.getByRole('button', { name: 'Make a new text' }).click();
    const renewed = await page.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(clientAs(key).me()).rejects.toMatchObject({ status: 401 });
    expect(await clientAs(renewed).me()).toMatchObject({ principal: { kind: 'key' } });

    await row.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Old one disabled').waitFor();
    await expect(clientAs(renewed).me()).rejects.toMatchObject({ status: 401 });
    await row.getByRole('button', { name: 'Enable' }).click();
    await row.getByText('Active').waitFor();
    expect(await clientAs(renewed).me()).toMatchObject({ principal: { kind: 'key' } });
    await row.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Old one deleted').waitFor();
    await expect.poll(() => row.count()).toBe(0);
    await expect(clientAs(renewed).me()).rejects.toMatchObject({ status: 401 });
  });

  it('are made and disabled by keyboard alone', async () => {
    const page = await opened().signedIn();
    await tabTo(page, 'Keys');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'New key…' }).waitFor();
    await tabTo(page, 'New key…');
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').focus();
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.getByText('The key is made').waitFor();
    await page.keyboard.press('Escape');
    const row = page.getByRole('listitem', { name: 'By keyboard' });
    await row.waitFor();
    await row.getByRole('button', { name: 'Disable' }).press('Enter');
    await row.getByText('Disabled').waitFor();
  });

  it('are hidden from those who may not make any', async () => {
    const { key } = await opened().client.keys.create({ name: 'Reader', grants });
    const page = await opened().newPage();
    await page.goto(`${opened().url}/#key=${key}`);
    await page.locator('.masthead').waitFor();
    expect(await page.getByRole('link', { name: 'Keys', exact: true }).count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('have no barrier that axe finds (%s)', async (colorScheme) => {
    await opened().client.keys.create({ name: `Seen in ${colorScheme}`, grants });
    const page = await opened().signedIn('#keys', { ...still, colorScheme });
    await page.getByRole('listitem', { name: `Seen in ${colorScheme}` }).waitFor();
    expect(await barriers(page)).toEqual([]);
    for (const name of ['New key…', 'Rotate…', 'Delete…']) {
      await page.getByRole('button', { name }).first().click();
      expect(await barriers(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
  });
}
