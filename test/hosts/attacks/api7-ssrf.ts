import { expect, test } from 'vitest';
import { downloadsAnswer } from '../../../lib/downloads/schema.ts';
import type { Issuer } from '../../support/issuer.ts';
import { type Api } from '../suite/host.ts';

/** Is the service made to call, or to send somebody to, an address of the attacker's choice? */
export function ssrfAttacks(api: Api, issuer: () => Issuer): void {
  const asksOf = async (act: () => Promise<unknown>) => {
    const before = issuer().asked.length;
    await act();
    return issuer().asked.slice(before);
  };

  test.each([
    ['the issuer', (address: string) => ({ iss: `${address}/evil` })],
    ['a subject', (address: string) => ({ sub: `${address}/evil` })],
    ['an audience', (address: string) => ({ aud: `${address}/evil` })],
  ])('the address in %s of a token is not called', async (_, claimsFor) => {
    const token = await issuer().sign(claimsFor(issuer().address));
    const asked = await asksOf(() => api.as(token).call('GET', '/v1/me'));
    expect(asked.filter((path) => path.startsWith('/evil'))).toEqual([]);
  });

  test.each(['jku', 'x5u', 'kid'])('the address in the header %s of a token is not called', async (name) => {
    const header = { [name]: `${issuer().address}/evil` };
    const token = await issuer().forge({}, header);
    const asked = await asksOf(() => api.as(token).call('GET', '/v1/me'));
    expect(asked.filter((path) => path.startsWith('/evil'))).toEqual([]);
  });

  test('made-up key ids do not make the service hammer its issuer', async () => {
    const asked = await asksOf(async () => {
      for (let index = 0; index < 20; index += 1) {
        await api.as(await issuer().forge({}, { kid: `made-up-${index}` })).call('GET', '/v1/me');
      }
    });
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    '//169.254.169.254/',
    '@169.254.169.254/',
    '127.0.0.1:22',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
    '?X-Amz-Signature=evil',
    '&versionId=evil',
    '..;@evil.example/',
    '\u2024.evil',
  ])('the key "%s" stays a key of its bucket', async (key) => {
    const { items } = await api.ask(downloadsAnswer, 'POST', '/v1/downloads', {
      items: [
        { bucket: 'files', key },
        { bucket: 'files', key: 'a' },
      ],
    });
    const [signed, own] = items.map((item) => new URL('url' in item ? item.url : 'about:blank'));
    expect(signed?.origin).toBe(own?.origin);
    expect(decodeURIComponent(signed?.pathname ?? '')).toBe(`/files/${key}`);
    expect([...(signed?.searchParams.keys() ?? [])]).toEqual([...(own?.searchParams.keys() ?? [])]);
  });

  test.each(['169.254.169.254', 'evil.example', 'files/../images', 'files@evil.example', 'http:'])(
    'the bucket "%s" is called nowhere',
    async (bucket) => {
      const items = [{ bucket, key: 'a' }];
      const answer = await (await api.call('POST', '/v1/downloads', { items })).text();
      expect(answer).toContain('bucket_not_found');
      expect(answer).not.toContain('"url"');
    },
  );

  test.each([
    'http://93.184.215.14/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://localhost/',
    'https://user:password@93.184.215.14/',
    'file:///etc/passwd',
    'gopher://93.184.215.14/',
    'ftp://93.184.215.14/',
    'data:text/plain,evil',
    '//93.184.215.14/',
    'not an address',
  ])('a webhook cannot be sent to %s', async (url) => {
    const refusal = await api.refusal('POST', '/v1/webhooks', { url, bucket: 'files', enabled: false });
    expect(refusal).toBe(api.hasRecords ? '400 invalid_request' : refusal);
  });
}
