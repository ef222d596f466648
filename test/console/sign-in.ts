import { expect, it } from 'vitest';
import { rootKey } from '../support/service.ts';
import type { OpenConsole } from './open-console.ts';

export function signInSuite(opened: () => OpenConsole): void {
  it('takes the key of a link out of the address, and keeps it in this tab alone', async () => {
    const page = await opened().newPage();
    await page.goto(`${opened().url}/#key=${rootKey}`);
    await page.getByRole('button', { name: 'root', exact: true }).click();
    expect(await page.getByText('read, write, delete, list, admin in every bucket').isVisible()).toBe(true);
    expect(page.url()).toBe(`${opened().url}/`);
    const kept = await page.evaluate(() => [
      JSON.stringify(sessionStorage),
      JSON.stringify(localStorage),
      document.cookie,
    ]);
    expect(kept).toEqual([JSON.stringify({ 'stowage.credential': rootKey }), '{}', '']);

    await page.reload();
    await page.getByRole('button', { name: 'root', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Stowage' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('says what is wrong with a wrong key, and goes on with the right one', async () => {
    const page = await opened().newPage();
    await page.goto(opened().url);
    const key = page.getByLabel('API key or token');
    await key.fill('stow_no-such-key');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/The API key is unknown\..*Request id [\w-]{36}/);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);

    await key.fill(rootKey);
    await key.press('Enter');
    await page.getByRole('heading', { name: 'files/', exact: true }).waitFor();
  });

  it('offers the holder of a narrow token no more than it allows', async () => {
    await opened().client.upload(new Blob(['yes']), { bucket: 'media', key: 'team/a/plan.txt' });
    await opened().client.upload(new Blob(['no']), { bucket: 'media', key: 'secret.txt' });
    const { token } = await opened().client.mintToken({
      grants: [{ bucket: 'media', prefix: 'team/', actions: ['list', 'read'] }],
      sub: 'guest',
    });
    const page = await opened().newPage();
    await page.goto(`${opened().url}/#key=${token}`);
    await page.getByRole('link', { name: 'a/' }).click();
    await page.getByRole('button', { name: 'plan.txt', exact: true }).waitFor();

    expect(
      await page.getByRole('navigation', { name: 'Buckets' }).getByRole('link').allTextContents(),
    ).toEqual(['media']);
    expect(await page.getByRole('link', { name: 'media' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: /Upload/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Delete/, includeHidden: true }).count()).toBe(0);
  });

  it('goes on when the service comes back', async () => {
    const page = await opened().signedIn();
    await page.route('**/v1/objects/**', (route) => route.abort());
    await page.getByRole('link', { name: 'media' }).click();
    await page.getByText('The service does not answer.').waitFor();
    await page.unroute('**/v1/objects/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'media/', exact: true }).waitFor();
    await page.getByRole('table').waitFor();
  });
}
