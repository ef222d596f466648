import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../lib/webhooks/addresses.ts';
import { parseTargetUrl, resolveTarget, TargetError, type TargetRules } from '../../lib/webhooks/target.ts';
import { refusedAddresses, refusedForms, refusedUrls } from './refused.ts';

function targetOf(url: string, rules: Partial<TargetRules> = {}) {
  const allRules = {
    allowLoopback: false,
    resolve: () => Promise.reject(new Error('not to be asked')),
    ...rules,
  };
  return (async () => resolveTarget(parseTargetUrl(url, allRules), allRules))();
}

const inside = 'is not an address out on the internet';

describe('a webhook is refused', () => {
  test.each(refusedUrls)('at %s', async (url) => {
    await expect(targetOf(url)).rejects.toThrow(TargetError);
    await expect(targetOf(url)).rejects.toThrow(inside);
  });

  test.each(refusedForms)('as %s', async (url) => {
    await expect(targetOf(url, { resolve: async () => ['93.184.215.14'] })).rejects.toThrow(TargetError);
  });

  test.each(refusedAddresses)('at a name that resolves to "%s"', async (address) => {
    for (const addresses of [[address], ['93.184.215.14', address], [address, '93.184.215.14']]) {
      await expect(
        targetOf('https://hooks.example.com/', { resolve: async () => addresses }),
      ).rejects.toThrow(inside);
    }
  });

  test('at a name that resolves to nothing, or not at all', async () => {
    const unresolved = 'cannot be resolved';
    await expect(targetOf('https://hooks.example.com/')).rejects.toThrow(unresolved);
    await expect(targetOf('https://hooks.example.com/', { resolve: async () => [] })).rejects.toThrow(
      unresolved,
    );
  });

  test('at localhost, whatever it is called', async () => {
    for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'app.localhost']) {
      await expect(targetOf(`https://${name}/`, { resolve: async () => ['127.0.0.1'] })).rejects.toThrow(
        inside,
      );
    }
  });

  test('at a private address in whatever spelling', async () => {
    const privateAddress = fc.oneof(
      ...[
        ['127.0.0.0', 24],
        ['10.0.0.0', 24],
        ['172.16.0.0', 20],
        ['192.168.0.0', 16],
        ['169.254.0.0', 16],
        ['100.64.0.0', 22],
      ].map(([network, hostBits]) =>
        fc.nat({ max: 2 ** Number(hostBits) - 1 }).map((host) => numberOf(String(network)) + host),
      ),
    );
    await fc.assert(
      fc.asyncProperty(privateAddress, fc.constantFrom(...spellings), async (address, spell) => {
        await expect(targetOf(`https://${spell(address)}/`)).rejects.toThrow(inside);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a webhook is let out', () => {
  const addresses = [
    '1.1.1.1',
    '93.184.215.14',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
  ];

  test.each(addresses)('to %s', async (address) => {
    expect(isPublicAddress(address)).toBe(true);
    const host = address.includes(':') ? `[${address}]` : address;
    expect(await targetOf(`https://${host}/hook`)).toMatchObject({ addresses: [address] });
  });

  test('to a name whose addresses are all public, with those', async () => {
    const target = await targetOf('https://hooks.example.com:8443/a?b', { resolve: async () => addresses });
    expect(target.addresses).toEqual(addresses);
    expect(target.url.href).toBe('https://hooks.example.com:8443/a?b');
  });
});

describe('where loopback is allowed', () => {
  const resolve = async () => ['127.0.0.1', '::1'];

  test.each(['http://127.0.0.1:3000/', 'http://[::1]/', 'http://localhost:3000/', 'https://localhost/'])(
    '%s is let through',
    async (url) => {
      expect((await targetOf(url, { allowLoopback: true, resolve })).addresses).not.toEqual([]);
    },
  );

  test('nothing else is', async () => {
    const others = refusedUrls.filter((url) => {
      const { hostname } = new URL(url);
      return !hostname.startsWith('127.') && hostname !== '[::1]';
    });
    expect(others.length).toBeGreaterThan(50);
    for (const url of others) await expect(targetOf(url, { allowLoopback: true })).rejects.toThrow(inside);
    await expect(targetOf('http://example.com/', { allowLoopback: true })).rejects.toThrow('https://');
  });

  test('localhost must be this machine, over http', async () => {
    const elsewhere = { allowLoopback: true, resolve: async () => ['93.184.215.14'] };
    await expect(targetOf('http://localhost/', elsewhere)).rejects.toThrow(inside);
  });
});

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function partsOf(number: number): readonly number[] {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
}

/** Ways to write an IPv4 address. */
const spellings: readonly ((address: number) => string)[] = [
  (address) => partsOf(address).join('.'),
  (address) => `${partsOf(address).join('.')}.`,
  (address) => String(address),
  (address) => `0x${address.toString(16)}`,
  (address) => `0${address.toString(8)}`,
  (address) =>
    partsOf(address)
      .map((part) => `0x${part.toString(16)}`)
      .join('.'),
  (address) =>
    partsOf(address)
      .map((part) => `0${part.toString(8)}`)
      .join('.'),
  (address) =>
    partsOf(address)
      .map((part) => `0X${part.toString(16).padStart(6, '0')}`)
      .join('.'),
  (address) => `${partsOf(address)[0]}.${address % 2 ** 24}`,
  (address) => `${partsOf(address).slice(0, 2).join('.')}.${address % 2 ** 16}`,
  (address) =>
    partsOf(address)
      .join('.')
      .replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (address) => partsOf(address).join('%2E'),
  (address) => `[::ffff:${partsOf(address).join('.')}]`,
  (address) => `[::${partsOf(address).join('.')}]`,
  (address) => `[64:ff9b::${partsOf(address).join('.')}]`,
  (address) => `[::ffff:0:${partsOf(address).join('.')}]`,
  (address) => {
    const hex = address.toString(16).padStart(8, '0');
    return `[2002:${hex.slice(0, 4)}:${hex.slice(4)}::1]`;
  },
];
