import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actions, everything, type Grant, isCovered } from '../../lib/access/grants.ts';
import type { Principal } from '../../lib/access/principal.ts';
import { createSeal } from '../../lib/access/seal.ts';
import { mintToken, readToken } from '../../lib/access/token.ts';
import { StowageError } from '../../lib/errors.ts';

const now = new Date('2026-05-01T12:00:00Z');
const seal = createSeal({ current: 'secret of the tests, 32 characters and more' }, () => now);
const root: Principal = { kind: 'root', sub: 'root', grants: [everything] };

const grant: fc.Arbitrary<Grant> = fc.record({
  bucket: fc.constantFrom('one', 'two', '*'),
  prefix: fc.stringMatching(/^[ab/]{0,2}$/),
  actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
});

interface Wish {
  readonly grants?: readonly Grant[];
  readonly expiresInSeconds?: number;
  readonly sub?: string;
  readonly tenant?: string;
}

/** Makes a token and reads it back. */
function delegate(
  maker: Principal,
  { grants = [everything], expiresInSeconds = 900, ...names }: Wish,
): Principal {
  const copies = grants.map((held) => ({
    bucket: held.bucket,
    prefix: held.prefix,
    actions: [...held.actions],
  }));
  return readToken(seal, mintToken(seal, maker, { grants: copies, expiresInSeconds, ...names }, now).token);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StowageError) return error.code;
    throw error;
  }
  return 'nothing';
}

describe('a delegated token', () => {
  test('never holds more than its maker, through any chain of delegations', () => {
    let longest = 0;
    const chains = fc.array(fc.array(grant, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(chains, (chain) => {
        let holder = root;
        let length = 0;
        for (const grants of chain) {
          const maker = holder;
          try {
            holder = delegate(maker, { grants });
            length += 1;
          } catch (error) {
            expect(error).toMatchObject({ code: 'grant_exceeds_caller' });
          }
          for (const held of holder.grants) expect(isCovered(held, maker.grants)).toBe(true);
        }
        longest = Math.max(longest, length);
      }),
      { numRuns: 2000 },
    );
    expect(longest).toBeGreaterThan(2);
  });

  test('names each grant that is too much', () => {
    const holder = delegate(root, { grants: [{ bucket: 'one', prefix: 'mine/', actions: ['read'] }] });
    const grants: Grant[] = [
      { bucket: 'one', prefix: 'mine/', actions: ['read'] },
      { bucket: 'one', prefix: 'mine', actions: ['read'] },
      { bucket: 'one', prefix: 'mine/', actions: ['read', 'write'] },
    ];
    expect(() => delegate(holder, { grants })).toThrow(
      expect.objectContaining({
        code: 'grant_exceeds_caller',
        errors: [
          expect.objectContaining({ path: 'grants[1]' }),
          expect.objectContaining({ path: 'grants[2]' }),
        ],
      }),
    );
  });

  test('fills sub and tenant into prefixes', () => {
    const grants: Grant[] = [{ bucket: '*', prefix: '${tenant}/users/${sub}/', actions: ['write'] }];
    const holder = delegate(root, { grants, sub: 'ann', tenant: 'acme' });
    expect(holder).toMatchObject({ kind: 'token', sub: 'ann', tenant: 'acme' });
    expect(holder.grants.map(({ prefix }) => prefix)).toEqual(['acme/users/ann/']);
    expect(codeOf(() => delegate(root, { grants, sub: 'ann' }))).toBe('invalid_request');
    expect(codeOf(() => delegate(root, { grants: [{ ...everything, prefix: '${nobody}/' }] }))).toBe(
      'invalid_request',
    );
  });

  test('makes tokens for its own bearer alone', () => {
    const holder = delegate(root, { sub: 'ann', tenant: 'acme' });
    expect(delegate(holder, {})).toMatchObject({ sub: 'ann', tenant: 'acme' });
    expect(codeOf(() => delegate(holder, { sub: 'bob' }))).toBe('grant_exceeds_caller');
    expect(codeOf(() => delegate(holder, { tenant: 'other' }))).toBe('grant_exceeds_caller');
  });

  test('ends no later than its maker', () => {
    const holder = delegate(root, { expiresInSeconds: 60 });
    expect(delegate(holder, { expiresInSeconds: 600 }).expiresAt).toEqual(holder.expiresAt);
    expect(delegate(holder, { expiresInSeconds: 30 }).expiresAt).toEqual(new Date(now.getTime() + 30_000));
  });

  test('has an id that a command line takes for no option', () => {
    const command = {
      grants: [{ bucket: '*', prefix: '', actions: ['read' as const] }],
      expiresInSeconds: 60,
    };
    for (let count = 0; count < 2000; count += 1) {
      expect(mintToken(seal, root, command, now).tokenId).toMatch(/^\w[\w-]{15}$/);
    }
  });
});
