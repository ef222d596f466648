import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { OpenConsole } from './open-console.ts';

export function uploadsSuite(opened: () => OpenConsole): void {
  let large: { readonly path: string; readonly sha256: string };

  beforeAll(async () => {
    const bytes = randomBytes(40_000_000);
    large = { path: join(opened().folder, 'large.bin'), sha256: sha256(bytes) };
    await writeFile(large.path, bytes);
  });

  it('takes files from the picker, and shows them', async () => {
    const page = await opened().signedIn('files/');
    const content = 'grüezi '.repeat(1000);
    const path = join(opened().folder, 'grüezi.txt');
    await writeFile(path, content);
    page.on('filechooser', (chooser) => void chooser.setFiles([path, large.path]));
    await page.getByRole('button', { name: 'Upload files' }).click();

    await heard(page, '2 uploaded');
    await page.getByRole('button', { name: 'grüezi.txt', exact: true }).waitFor();
    expect((await contentOf(opened(), 'files', 'grüezi.txt')).toString()).toBe(content);
    expect(sha256(await contentOf(opened(), 'files', 'large.bin'))).toBe(large.sha256);
    expect((await opened().client.object('files', 'grüezi.txt')).contentType).toBe('text/plain');
  });

  it('shows how far an upload is; pauses it, and goes on with what storage lacks', async () => {
    const page = await opened().signedIn('files/slow/');
    const parts = partsSentBy(page);
    await slowDown(page, 25_000_000);
    await page.locator('input[type=file][multiple]').setInputFiles(large.path);
    const bar = page.getByRole('progressbar', { name: 'Upload of slow/large.bin' });
    await page.getByText(/^\d.*MB of 40 MB, .*MB\/s, \d+ sec left$/).waitFor();
    await expect.poll(() => parts.length).toBeGreaterThan(0);
    expect(await fractionOf(bar)).toBeLessThan(1);

    await page.getByRole('button', { name: 'Pause slow/large.bin' }).click();
    await page.getByText(/of 40 MB, paused$/).waitFor();
    const sentBefore = parts.length;
    await page.waitForTimeout(500);
    expect(parts.length).toBe(sentBefore);

    await page.getByRole('button', { name: 'Resume slow/large.bin' }).click();
    await heard(page, '1 uploaded');
    expect(sha256(await contentOf(opened(), 'files', 'slow/large.bin'))).toBe(large.sha256);
    expect(parts.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  it('goes on after the page was closed in the middle, when the same file comes again', async () => {
    const page = await opened().signedIn('files/again/');
    page.on('dialog', (dialog) => void dialog.accept());
    const parts = partsSentBy(page);
    const network = await slowDown(page, 25_000_000);
    await page.locator('input[type=file][multiple]').setInputFiles(large.path);
    await expect.poll(() => parts.length).toBeGreaterThan(0);
    await page.reload();
    await page.getByRole('button', { name: 'Upload files' }).waitFor();

    await setThroughput(network, -1);
    await page.locator('input[type=file][multiple]').setInputFiles(large.path);
    await heard(page, '1 uploaded');
    expect(sha256(await contentOf(opened(), 'files', 'again/large.bin'))).toBe(large.sha256);
    expect(parts.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  it('cancels: nothing stays in storage', async () => {
    const page = await opened().signedIn('files/cancelled/');
    await slowDown(page, 20_000_000);
    await page.locator('input[type=file][multiple]').setInputFiles(large.path);
    await expect.poll(() => fractionOf(page.getByRole('progressbar'))).toBeGreaterThan(0.1);
    const aborted = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.getByRole('button', { name: 'Cancel cancelled/large.bin' }).click();
    expect((await aborted).status()).toBe(204);
    await page.getByRole('region', { name: 'Uploads' }).waitFor({ state: 'hidden' });
    expect((await opened().client.list('files', { prefix: 'cancelled/' })).objects).toEqual([]);
  });

  it('takes dropped folders with all that is in them', async () => {
    const tree = join(opened().folder, 'holiday');
    await mkdir(join(tree, 'beach', 'evening'), { recursive: true });
    const files = ['plan.txt', 'beach/sand.txt', 'beach/evening/sun.txt'];
    for (const file of files) await writeFile(join(tree, file), `I am ${file}`);
    const single = join(opened().folder, 'single.txt');
    await writeFile(single, 'alone');

    const page = await opened().signedIn('files/dropped/');
    await drop(page, [tree, single]);
    await heard(page, '4 uploaded');
    await page.getByRole('link', { name: 'holiday/' }).click();
    await page.getByRole('link', { name: 'beach/' }).click();
    await page.getByRole('button', { name: 'sand.txt', exact: true }).waitFor();
    const { objects } = await opened().client.list('files', { prefix: 'dropped/' });
    expect(objects.map(({ key }) => key)).toEqual([
      'dropped/holiday/beach/evening/sun.txt',
      'dropped/holiday/beach/sand.txt',
      'dropped/holiday/plan.txt',
      'dropped/single.txt',
    ]);
    expect((await contentOf(opened(), 'files', 'dropped/holiday/plan.txt')).toString()).toBe('I am plan.txt');
  });

  it('writes over nothing without having asked', async () => {
    const path = join(opened().folder, 'taken.txt');
    await writeFile(path, 'new');
    await opened().client.upload(new Blob(['old']), { bucket: 'files', key: 'taken.txt' });
    const page = await opened().signedIn('files/');
    await page.locator('input[type=file][multiple]').setInputFiles(path);
    await page.getByText('An object of this name is there already.').waitFor();
    expect((await contentOf(opened(), 'files', 'taken.txt')).toString()).toBe('old');
    await page.getByRole('button', { name: 'Replace it' }).click();
    await heard(page, '1 uploaded');
    expect((await contentOf(opened(), 'files', 'taken.txt')).toString()).toBe('new');
  });
}

/** Waits until a screen reader has been told. */
function heard(page: Page, message: string): Promise<void> {
  const status = page.getByRole('region', { name: 'Uploads' }).getByRole('status');
  return status.getByText(message, { exact: true }).waitFor();
}

/** The numbers of the parts that a page has sent to their end. */
function partsSentBy(page: Page): number[] {
  const parts: number[] = [];
  page.on('requestfinished', (request) => {
    const partNumber = URL.parse(request.url())?.searchParams.get('partNumber');
    if (request.method() === 'PUT' && partNumber) parts.push(Number(partNumber));
  });
  return parts;
}

async function slowDown(page: Page, bytesPerSecond: number): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await setThroughput(session, bytesPerSecond);
  return session;
}

async function setThroughput(session: CDPSession, uploadThroughput: number): Promise<void> {
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput };
  await session.send('Network.emulateNetworkConditions', conditions);
}

/** Drags real files and folders into the page, as the system's file manager would. */
async function drop(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data });
    if (type === 'dragOver') await page.getByText('Drop to upload to').waitFor();
  }
}

async function fractionOf(bar: ReturnType<Page['getByRole']>): Promise<number> {
  return bar.evaluate((element) => (element instanceof HTMLProgressElement ? element.position : NaN));
}

async function contentOf({ client }: OpenConsole, bucket: string, key: string): Promise<Buffer> {
  const { url } = await client.share({ bucket, key });
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
