import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { rootKey } from '../support/service.ts';
import type { OpenConsole } from './open-console.ts';

export function keyboardSuite(opened: () => OpenConsole): void {
  beforeAll(async () => {
    await opened().client.upload(new Blob(['hello']), { bucket: 'files', key: 'notes/hello.txt' });
  });

  it('signs in, finds an object, looks at it, shares it, deletes it, and uploads another', async () => {
    const page = await opened().newPage();
    const file = { name: 'new.txt', mimeType: 'text/plain', buffer: Buffer.from('new') };
    page.on('filechooser', (chooser) => void chooser.setFiles(file));
    await page.goto(opened().url);
    await page.waitForFunction(() => document.activeElement instanceof HTMLInputElement);
    await page.keyboard.type(rootKey);
    await page.keyboard.press('Enter');
    await page.getByRole('table').waitFor();

    await tabTo(page, 'notes/');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'hello.txt', exact: true }).waitFor();
    await tabTo(page, 'hello.txt');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'hello.txt' }).getByText('5 bytes').waitFor();
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('hello.txt');

    await tabTo(page, 'Share hello.txt');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Link' }).waitFor();
    await tabTo(page, '1 hour');
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: '1 day' }).isChecked()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('Share hello.txt');

    await tabTo(page, 'Delete hello.txt');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing here yet').waitFor();

    await tabTo(page, 'Upload files');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'new.txt', exact: true }).waitFor();
  });
}

/** Presses Tab until what has this name has the focus, and checks that one can see it. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) !== name) continue;
    expect(await isOutlined(page), `the focus on "${name}" can be seen`).toBe(true);
    return;
  }
  throw new Error(`Tab does not reach "${name}"`);
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label =
      element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent;
    return (element?.getAttribute('aria-label') ?? label ?? '').trim();
  });
}

/** A radio button lends its outline to the label beside it. */
function isOutlined(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return [element, element?.nextElementSibling].some(
      (candidate) => candidate && getComputedStyle(candidate).outlineStyle === 'solid',
    );
  });
}
