import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { delegateGrants, demandCovered } from '../../lib/access/delegate.ts';
import { type Act, actions, type Grant, isCovered, refusalOf } from '../../lib/access/grants.ts';
import { reservedPrefix } from '../../lib/access/object-key.ts';
import type { Principal } from '../../lib/access/principal.ts';

const prefix = fc.stringMatching(/^[ab/]{0,3}$/);
const bucket = fc.constantFrom('one', 'two');
const type = fc.constantFrom('image/png', 'image/gif', 'text/html');
const typePattern = fc.constantFrom('image/png', 'image/gif', 'text/html', 'image/*', '*/*');

const grant: fc.Arbitrary<Grant> = fc.record(
  {
    bucket: fc.oneof(bucket, fc.constant('*')),
    prefix,
    actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
    maxObjectBytes: fc.integer({ min: 0, max: 4 }),
    contentTypes: fc.uniqueArray(typePattern, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['bucket', 'prefix', 'actions'] },
);

const denial: fc.Arbitrary<Grant> = fc.record({
  effect: fc.constant('deny'),
  bucket: fc.oneof(bucket, fc.constant('*')),
  prefix,
  actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
});

/** Makes half of the prefixes and keys those that the service keeps for itself. */
const reserve = (text: string, isReserved: boolean) => (isReserved ? `${reservedPrefix}${text}` : text);

const act: fc.Arbitrary<Act> = fc.record({
  action: fc.constantFrom(...actions),
  bucket,
  key: fc.stringMatching(/^[ab/]{1,4}$/),
  sizeBytes: fc.integer({ min: 0, max: 5 }),
  contentType: type,
});

describe('grants', () => {
  test('what is covered allows nothing that the holder may not do', () => {
    let tried = 0;
    fc.assert(
      fc.property(grant, fc.array(grant, { maxLength: 4 }), act, (wanted, held, attempt) => {
        if (!isCovered(wanted, held) || refusalOf([wanted], attempt)) return;
        tried += 1;
        expect(refusalOf(held, attempt)).toBeUndefined();
      }),
      { numRuns: 60_000 },
    );
    expect(tried).toBeGreaterThan(100);
  });

  test('what is given on allows nothing that its maker may not do, whatever the maker is denied', () => {
    const tried = { allowed: 0, denied: 0, reserved: 0 };
    const grants = fc.array(fc.oneof({ arbitrary: grant, weight: 3 }, denial), { maxLength: 5 });
    fc.assert(
      fc.property(grants, grants, act, fc.boolean(), (wanted, held, attempted, isReserved) => {
        const maker: Principal = { kind: 'key', sub: 'maker', grants: held };
        const covered = wanted.filter((one) => isCovered(one, held));
        const given = delegateGrants(maker, covered, { sub: 'bearer' });
        demandCovered(maker, given);
        const attempt = { ...attempted, key: reserve(attempted.key, isReserved) };
        if (refusalOf(given, attempt)) tried.denied += 1;
        else {
          tried.allowed += 1;
          if (isReserved) tried.reserved += 1;
          expect(refusalOf(held, attempt)).toBeUndefined();
        }
      }),
      { numRuns: 20_000 },
    );
    expect(Math.min(...Object.values(tried))).toBeGreaterThan(20);
  });

  test('a denial refuses whatever it speaks of, also a listing of what is above it', () => {
    fc.assert(
      fc.property(fc.array(grant), denial, act, (held, denied, attempt) => {
        const [action = 'read'] = denied.actions;
        const inside = {
          ...attempt,
          action,
          bucket: denied.bucket === '*' ? attempt.bucket : denied.bucket,
          key: denied.prefix + attempt.key,
        };
        expect(refusalOf([...held, denied], inside)?.code).toBe('access_denied');
        if (action === 'list')
          expect(refusalOf([...held, denied], { ...inside, key: '' })?.code).toBe('access_denied');
      }),
    );
  });

  test('what the service keeps for itself takes admin, too', () => {
    const attempt: Act = { action: 'read', bucket: 'files', key: `${reservedPrefix}quarantine/a` };
    const read: Grant = { bucket: 'files', prefix: '', actions: ['read'] };
    const admin: Grant = { bucket: 'files', prefix: reservedPrefix, actions: ['admin'] };
    expect(refusalOf([read], attempt)?.detail).toContain('they take admin');
    expect(refusalOf([admin], attempt)?.code).toBe('access_denied');
    expect(refusalOf([read, admin], attempt)).toBeUndefined();
  });

  test('every grant covers itself', () => {
    fc.assert(fc.property(grant, (one) => isCovered(one, [one])));
  });

  test('no grants allow nothing', () => {
    fc.assert(fc.property(act, (attempt) => refusalOf([], attempt)?.code === 'access_denied'));
  });

  test.each<[string, Act, string | undefined]>([
    ['a key below the prefix', { action: 'read', bucket: 'files', key: 'mine/a' }, undefined],
    ['the prefix without its slash', { action: 'read', bucket: 'files', key: 'mine' }, 'access_denied'],
    ['a key beside the prefix', { action: 'read', bucket: 'files', key: 'mine2/a' }, 'access_denied'],
    ['another bucket', { action: 'read', bucket: 'other', key: 'mine/a' }, 'access_denied'],
    ['another action', { action: 'delete', bucket: 'files', key: 'mine/a' }, 'access_denied'],
    ['a listing above the prefix', { action: 'read', bucket: 'files', key: '' }, 'access_denied'],
    ['as large as allowed', { action: 'write', bucket: 'files', key: 'mine/a', sizeBytes: 10 }, undefined],
    ['too large', { action: 'write', bucket: 'files', key: 'mine/a', sizeBytes: 11 }, 'object_too_large'],
    [
      'a type that is not allowed',
      { action: 'write', bucket: 'files', key: 'mine/a', contentType: 'text/html' },
      'content_type_not_allowed',
    ],
    [
      'an allowed type with parameters',
      { action: 'write', bucket: 'files', key: 'mine/a', contentType: 'Image/SVG+xml; charset=utf-8' },
      undefined,
    ],
  ])('%s', (_, attempt, code) => {
    const held: Grant = {
      bucket: 'files',
      prefix: 'mine/',
      actions: ['read', 'write'],
      maxObjectBytes: 10,
      contentTypes: ['image/*'],
    };
    expect(refusalOf([held], attempt)?.code).toBe(code);
  });
});
