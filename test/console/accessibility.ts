import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { OpenConsole } from './open-console.ts';

// Where nothing moves, nothing is half-way to its colour when it is looked at.
export const still = { reducedMotion: 'reduce' } as const;

export function accessibilitySuite(opened: () => OpenConsole): void {
  beforeAll(async () => {
    const text = new Blob(['hello'], { type: 'text/plain' });
    await opened().client.upload(text, { bucket: 'files', key: 'hello.txt' });
    await opened().client.upload(text, { bucket: 'files', key: 'folder/hello.txt' });
  });

  it('at the sign-in, also when it fails', async () => {
    const page = await opened().newPage(still);
    await page.goto(opened().url);
    await page.getByLabel('API key or token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it('in the browser: listing, account, uploads, selection', async () => {
    const page = await opened().signedIn('files/', still);
    await page.getByRole('button', { name: 'root', exact: true }).click();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    const file = { name: 'hello.txt', mimeType: 'text/plain', buffer: Buffer.from('other') };
    await page.locator('input[type=file][multiple]').setInputFiles(file);
    await page.getByRole('button', { name: 'Replace it' }).waitFor();
    await page.getByRole('checkbox', { name: 'Select hello.txt' }).check();
    expect(await barriers(page)).toEqual([]);
  });

  it('in the dialogs', async () => {
    const page = await opened().signedIn('files/', still);
    await page.getByRole('button', { name: 'hello.txt', exact: true }).click();
    await page.getByLabel('Beginning of the text').getByText('hello').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Share…' }).click();
    await page.getByRole('textbox', { name: 'Link' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('row', { name: 'folder/' }).hover();
    await page.getByRole('button', { name: 'Delete folder/' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it('where there is nothing, and where something is wrong', async () => {
    const page = await opened().signedIn('media/nothing/', still);
    expect(await barriers(page)).toEqual([]);
    await page.goto(`${opened().url}/#/no-such-bucket/`);
    await page.getByRole('alert').waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it('in the contract', async () => {
    const page = await opened().newPage(still);
    await page.goto(`${opened().url}/docs#createUpload`);
    const operation = page.locator('#createUpload');
    await operation.getByRole('button', { name: 'Send' }).click();
    await operation.getByText('401 Unauthorized').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
}

/** What hinders somebody, and where. Evaluated by the debugger: the policy of the page stays as it is. */
export async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { passes, violations } = await page.evaluate(async () => {
      const inPage: typeof axe = Reflect.get(globalThis, 'axe');
      return inPage.run();
    });
    // Rules that had nothing to look at would find nothing, too.
    expect(passes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['color-contrast', 'button-name', 'region']),
    );
    const nodes = violations.flatMap((violation) => violation.nodes);
    found.push(...nodes.map(({ html, failureSummary }) => `${colorScheme}: ${html} ${failureSummary}`));
  }
  return found;
}
