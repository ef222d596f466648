import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReceiver, verified, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { barriers, still } from './accessibility.ts';
import { tabTo } from './keyboard.ts';
import type { OpenConsole } from './open-console.ts';

export function webhooksSuite(opened: () => OpenConsole): void {
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.close());

  it('are made, with a secret that is shown once, and tell of what happens', async () => {
    const page = await opened().signedIn();
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByText('Nobody is told yet').waitFor();
    await page.getByRole('button', { name: 'New webhook…' }).click();
    await page.getByLabel('Address').fill('https://10.0.0.1/');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('alert').getByText('not an address out on the internet').waitFor();
    await page.getByLabel('Address').fill(receiver.url);
    await page.getByLabel('Keys that begin with').fill('told/');
    await page.getByRole('checkbox', { name: 'Created' }).check({ force: true });
    await page.getByLabel('Description').fill('Thumbnails');
    await page.getByRole('button', { name: 'Make it' }).click();
    const secret = await page.getByRole('textbox', { name: 'Secret' }).inputValue();
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('link', { name: 'Thumbnails' }).click();
    await page.getByText('Created in files/told/').waitFor();
    await opened().client.upload(new Blob(['hello']), { bucket: 'files', key: 'told/hello.txt' });
    await expect.poll(() => receiver.received.length).toBe(1);
    const [first] = receiver.received;
    expect(first && verified(secret, first)).toMatchObject({ data: { key: 'told/hello.txt' } });

    await page.reload();
    await page.getByRole('button', { name: 'Created files/told/hello.txt' }).click();
    const dialog = page.getByRole('dialog', { name: 'Created: succeeded' });
    await dialog.getByText('1. answered 200').waitFor();
    expect(await dialog.getByLabel('Body').textContent()).toContain('"key": "told/hello.txt"');
    await dialog.getByRole('button', { name: 'Send once more' }).click();
    await page.getByText('It will be sent once more').waitFor();
    await page.getByText('attempt 2: answered 200').waitFor();
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  });

  it('are disabled, enabled, given another secret, and deleted', async () => {
    const { webhookId } = await opened().client.webhooks.create({ url: receiver.url, description: 'Other' });
    const page = await opened().signedIn('#webhooks');
    await page.getByRole('link', { name: 'Other' }).click();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Webhook disabled').waitFor();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
    expect(await page.getByRole('button', { name: 'Send a ping' }).count()).toBe(0);
    expect(await opened().client.webhooks.get(webhookId)).toMatchObject({ enabled: false });
    await page.getByRole('button', { name: 'Enable' }).click();
    await page.getByRole('button', { name: 'New secret…' }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    expect(await page.getByRole('textbox', { name: 'Secret' }).inputValue()).toMatch(/^whsec_/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'Webhooks', exact: true }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'Other' }).count()).toBe(0);
  });

  it('are tried out by keyboard alone', async () => {
    await opened().client.webhooks.create({ url: receiver.url, bucket: 'media', description: 'By keyboard' });
    const before = receiver.received.length;
    const page = await opened().signedIn();
    await tabTo(page, 'Webhooks');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'By keyboard' }).waitFor();
    await tabTo(page, 'By keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Send a ping' }).waitFor();
    await tabTo(page, 'Send a ping');
    await page.keyboard.press('Enter');
    await page.getByText('attempt 1: answered 200').waitFor();
    expect(receiver.received).toHaveLength(before + 1);
    await tabTo(page, 'Ping');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Ping: succeeded' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('have no barrier that axe finds, also where something is wrong', async () => {
    receiver.answer(() => 500);
    const { webhookId } = await opened().client.webhooks.create({ url: receiver.url, description: 'Broken' });
    await opened().client.webhooks.ping(webhookId);
    const page = await opened().signedIn('#webhooks', still);
    await page.getByRole('link', { name: 'Broken' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'New webhook…' }).click();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Broken' }).click();
    await page.getByText(/attempt \d: answered 500/).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Ping', exact: true }).click();
    await page.getByText('1. answered 500').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
}
