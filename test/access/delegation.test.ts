import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Act, actions, decide, type Grant, refusalOf } from '../../lib/access/grants.ts';
import type { Principal } from '../../lib/access/principal.ts';
import { createSeal } from '../../lib/access/seal.ts';
import type { TokenCommand } from '../../lib/access/schema.ts';
import { mintToken, readToken } from '../../lib/access/token.ts';
import { StowageError } from '../../lib/errors.ts';

/** No escalation by delegation, ever: whatever chain of tokens somebody makes, its last one can do what its first can. */

const now = new Date('2026-05-01T12:00:00Z');
const seal = createSeal({ current: 'secret of the tests, 32 characters and more' }, () => now);

/** Names that try to reach further than a name may: into a folder, into a template, past what is read. */
const hostile = fc.constantFrom(
  'a',
  'b',
  '..',
  '.',
  'a/b',
  '/',
  '${sub}',
  '${tenant}',
  '$',
  '${',
  '}',
  '$&',
  "$'",
  '$1',
  '%2F',
  'a\u0301',
  '\u00e1',
  '\u2215',
  '\uff0f',
  '\u202ea',
  '\u200b',
  '\0',
  '\ud800',
  '__proto__',
  '🪣',
  '',
);
const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 6 })
  .map((points) => String.fromCodePoint(...points));
const prefix = fc
  .array(fc.oneof(fc.constantFrom('a', 'b', '/', '${sub}', '${tenant}', '${other}'), hostile), {
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
const bucket = fc.constantFrom('one', 'two');
const type = fc.constantFrom('image/png', 'image/gif', 'text/html');

const grant: fc.Arbitrary<Grant> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        bucket: fc.oneof(bucket, fc.constant('*')),
        prefix,
        actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
        maxObjectBytes: fc.integer({ min: 0, max: 3 }),
        contentTypes: fc.uniqueArray(fc.oneof(type, fc.constantFrom('image/*', '*/*')), { minLength: 1 }),
      },
      { requiredKeys: ['bucket', 'prefix', 'actions'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      effect: fc.constant('deny'),
      bucket: fc.oneof(bucket, fc.constant('*')),
      prefix,
      actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
    }),
  },
);

const act: fc.Arbitrary<Act> = fc.record(
  {
    action: fc.constantFrom(...actions),
    bucket,
    key: fc
      .array(fc.oneof(fc.constantFrom('a', 'b', '/'), hostile), { maxLength: 4 })
      .map((parts) => parts.join('')),
    extent: fc.constantFrom('key', 'below'),
    sizeBytes: fc.integer({ min: 0, max: 4 }),
    contentType: type,
  },
  { requiredKeys: ['action', 'bucket', 'key'] },
);

const names = fc.record({ sub: hostile, tenant: hostile }, { requiredKeys: [] });
const root: fc.Arbitrary<Principal> = fc
  .record({
    kind: fc.constantFrom('root', 'key', 'oidc', 'token'),
    tenant: fc.option(hostile, { nil: undefined }),
    grants: fc.array(grant, { maxLength: 4 }),
  })
  .map((holder) => ({ sub: 'a', ...holder }));

/** The token of a wish; nothing where the wish is refused. */
function delegate(maker: Principal, grants: readonly Grant[], named: { sub?: string; tenant?: string }) {
  const command = { grants: [...grants], expiresInSeconds: 900, ...named };
  try {
    // What the schema would refuse goes in, too: the decision does not lean on it.
    return readToken(seal, mintToken(seal, maker, command as unknown as TokenCommand, now).token);
  } catch (error) {
    if (error instanceof StowageError) return undefined;
    throw error;
  }
}

describe('a chain of delegations', () => {
  test('never allows what its root does not allow', () => {
    const tried = { allowed: 0, refused: 0, longest: 0 };
    const step = fc.record({ wanted: fc.array(grant, { minLength: 1, maxLength: 3 }), named: names });
    // Most wishes of chance are refused: half of them ask for what the maker has.
    const steps = fc.array(fc.record({ step, asIs: fc.boolean() }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(root, steps, fc.array(act, { minLength: 1, maxLength: 6 }), (first, chain, attempts) => {
        let holder = first;
        let length = 0;
        for (const { step, asIs } of chain) {
          const next = delegate(holder, asIs ? [...holder.grants] : step.wanted, asIs ? {} : step.named);
          if (!next) continue;
          holder = next;
          length += 1;
        }
        tried.longest = Math.max(tried.longest, length);
        if (length === 0) return;
        for (const attempt of attempts) {
          if (refusalOf(holder.grants, attempt)) {
            tried.refused += 1;
            continue;
          }
          tried.allowed += 1;
          expect(refusalOf(first.grants, attempt)).toBeUndefined();
        }
      }),
      { numRuns: 1000 },
    );
    expect(tried.longest).toBeGreaterThan(2);
    expect(Math.min(tried.allowed, tried.refused)).toBeGreaterThan(50);
  });

  test('never leaves the tenant, and nobody but a server names another', () => {
    fc.assert(
      fc.property(root, fc.array(grant, { minLength: 1, maxLength: 2 }), names, (maker, wanted, named) => {
        const bearer = delegate(maker, wanted, named);
        if (!bearer) return;
        if (maker.tenant !== undefined) expect(bearer.tenant).toBe(maker.tenant);
        if (maker.kind !== 'root' && maker.kind !== 'key') {
          expect([bearer.sub, bearer.tenant]).toEqual([maker.sub, maker.tenant]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a template', () => {
  test('is filled with names as they are, in one segment, or the grant is not given', () => {
    const everything: Principal = {
      kind: 'root',
      sub: 'root',
      grants: [{ bucket: '*', prefix: '', actions: [...actions] }],
    };
    let given = 0;
    fc.assert(
      fc.property(fc.oneof(hostile, anyText), hostile, (sub, tenant) => {
        const wanted: Grant = { bucket: 'one', prefix: 'of/${tenant}/${sub}/', actions: ['read'] };
        const bearer = delegate(everything, [wanted], { sub, tenant });
        if (!bearer) return;
        given += 1;
        const [filled = ''] = bearer.grants.map((one) => one.prefix);
        expect(filled).toBe(`of/${tenant}/${sub}/`);
        const segments = filled.split('/');
        expect(segments).toHaveLength(4);
        for (const segment of segments.slice(0, 3)) expect(['', '.', '..']).not.toContain(segment);
      }),
      { numRuns: 500 },
    );
    expect(given).toBeGreaterThan(50);
  });
});

describe('a decision', () => {
  const grants = fc.array(grant, { maxLength: 5 });

  test('is refused wherever a denial speaks of the act, whatever else is held and in what order', () => {
    fc.assert(
      fc.property(grants, act, fc.nat(5), (held, attempt, at) => {
        const denial: Grant = {
          effect: 'deny',
          bucket: attempt.bucket,
          prefix: '',
          actions: [attempt.action],
        };
        expect(refusalOf(held.toSpliced(at, 0, denial), attempt)?.code).toBe('access_denied');
      }),
    );
  });

  test('never depends on the order of grants, and a denial more never allows more', () => {
    fc.assert(
      fc.property(grants, act, grant, (held, attempt, more) => {
        const isAllowed = !refusalOf(held, attempt);
        expect(!refusalOf(held.toReversed(), attempt)).toBe(isAllowed);
        const isAllowedThen = !refusalOf([...held, more], attempt);
        if (more.effect === 'deny' && isAllowedThen) expect(isAllowed).toBe(true);
        if (more.effect !== 'deny' && isAllowed) expect(isAllowedThen).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('names a grant that allows the act by itself, among those that are held, or the rule that refuses', () => {
    fc.assert(
      fc.property(grants, act, (held, attempt) => {
        const decision = decide(held, attempt);
        expect('refusal' in decision ? decision.refusal : undefined).toEqual(refusalOf(held, attempt));
        if (!('grant' in decision)) return;
        expect(held).toContain(decision.grant);
        expect(decision.grant.effect).not.toBe('deny');
        const denials = held.filter(({ effect }) => effect === 'deny');
        // The service's own keys take a second grant, to administrate.
        const reachesDown = attempt.extent === 'below' && '.stowage/'.startsWith(attempt.key);
        const isOfService = attempt.key.startsWith('.stowage/') || reachesDown;
        if (!isOfService) expect(refusalOf([decision.grant, ...denials], attempt)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
