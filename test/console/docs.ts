import { expect, it } from 'vitest';
import contract from '../../lib/openapi/openapi.json' with { type: 'json' };
import { rootKey } from '../support/service.ts';
import type { OpenConsole } from './open-console.ts';

export function docsSuite(opened: () => OpenConsole): void {
  it('lists every operation, and opens each', async () => {
    const page = await opened().newPage();
    await page.goto(`${opened().url}/docs`);
    await page.locator('.operation').first().waitFor();
    const listed = await page
      .locator('.operation > summary')
      .evaluateAll((lines) =>
        lines.map((line) => `${line.children[0]?.textContent} ${line.children[1]?.textContent}`),
      );
    const documented = Object.entries(contract.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.toSorted()).toEqual(documented.toSorted());

    for (const line of await page.locator('.operation > summary').all()) await line.click();
    await expect.poll(() => page.getByRole('button', { name: 'Send' }).count()).toBe(documented.length);
  });

  it('tells what an operation takes and gives', async () => {
    const page = await opened().newPage();
    await page.goto(`${opened().url}/docs#createUpload`);
    const operation = page.locator('#createUpload');
    await operation.getByRole('heading', { name: 'Answer 201' }).waitFor();
    expect(await operation.getByText('integer, 0 to 53,687,091,200,000').count()).toBe(1);
    expect(await operation.getByText('"auto" | "put" | "multipart" | "form", default "auto"').count()).toBe(
      1,
    );
    expect(await operation.getByText('partSizeBytes').count()).toBe(1);
  });

  it('sends what one fills in, and shows the answer and the same with curl', async () => {
    const page = await opened().newPage();
    await page.goto(`${opened().url}/docs`);
    await page.getByLabel('Key or token for trying').fill(rootKey);
    const begin = page.locator('#createUpload');
    await begin.locator('summary').click();
    await begin.getByLabel('Body').fill('{"bucket":"files","key":"it\'s/a ü.txt","sizeBytes":3}');
    await begin.getByRole('button', { name: 'Send' }).click();
    await begin.getByText('201 Created').waitFor();
    expect(await begin.getByLabel('Answer').textContent()).toContain('"method": "put"');
    const curl = await begin.getByLabel('The same with curl').textContent();
    expect(curl).toContain(`-d '{"bucket":"files","key":"it'\\''s/a ü.txt","sizeBytes":3}'`);
    expect(curl).not.toContain(rootKey);

    await opened().client.upload(new Blob(['abc'], { type: 'text/plain' }), {
      bucket: 'files',
      key: 'dir/a ü.txt',
    });
    const content = page.locator('#getContent');
    await content.locator('summary').click();
    await content.getByLabel('bucket').fill('files');
    await content.getByLabel('key').fill('dir/a ü.txt');
    await content.getByRole('button', { name: 'Send' }).click();
    await content.getByText('200 OK').waitFor();
    expect(await content.getByLabel('Answer').textContent()).toMatch(/\nabc$/);
  });
}
