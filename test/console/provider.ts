import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { OpenConsole } from './open-console.ts';

export function providerSuite(opened: () => OpenConsole): void {
  async function leaveForProvider(hash = ''): Promise<Page> {
    const { url, provider, newPage } = opened();
    const page = await newPage();
    await page.goto(`${url}/${hash}`);
    await page.getByRole('button', { name: `Sign in with ${new URL(provider.issuer).host}` }).click();
    await page.waitForURL(`${provider.issuer}/interaction/**`);
    return page;
  }

  it('comes back as whom the provider says, with the grants of that person', async () => {
    const { url, provider } = opened();
    const page = await leaveForProvider('#/files/users/ann/');
    await page.locator('input[name=login]').fill('ann');
    await page.locator('input[name=password]').fill('any will do in this provider');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();

    await page.getByRole('button', { name: 'ann', exact: true }).click();
    expect(await page.getByText('read, write, list in files/users/ann/').isVisible()).toBe(true);
    expect(page.url(), 'no code is left in the address').toBe(`${url}/#/files/users/ann/`);
    const kept = await page.evaluate(() => [
      Object.keys(sessionStorage),
      localStorage.length,
      document.cookie,
    ]);
    expect(kept).toEqual([['stowage.credential'], 0, '']);
    expect(provider.requests.get('/token')).toBe(1);

    await page.reload();
    await page.getByRole('button', { name: 'ann', exact: true }).waitFor();
  });

  it('tells that the provider refuses', async () => {
    const page = await leaveForProvider();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('alert').getByText('The provider refuses: End-User aborted interaction.').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('takes no answer to a question that this tab has not asked', async () => {
    const { url, provider, newPage } = opened();
    const before = provider.requests.get('/token');
    const page = await newPage();
    await page.goto(`${url}/?code=of-an-attacker&state=made-up&iss=${encodeURIComponent(provider.issuer)}`);
    await page.getByRole('alert').getByText('This sign-in was not begun in this tab.').waitFor();
    expect(page.url()).toBe(`${url}/`);
    expect(provider.requests.get('/token')).toBe(before);
  });

  it('takes no answer of another provider', async () => {
    const { url } = opened();
    const page = await leaveForProvider();

    await page.goto(url);
    const departure = await page.evaluate(() => sessionStorage.getItem('stowage.sign-in') ?? '{}');
    const asked: { state?: string } = JSON.parse(departure);
    expect(asked.state).toBeTruthy();
    const answer = new URLSearchParams({
      code: 'c',
      state: asked.state ?? '',
      iss: 'https://evil.example.com',
    });
    await page.goto(`${url}/?${answer}`);
    await page.getByRole('alert').getByText('Another provider has answered than the one asked.').waitFor();
  });
}
