import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeal, SealError } from '../../lib/access/seal.ts';

const first = 'first secret of the tests, 32 characters';
const second = 'second secret of the tests, 32 characters';
const now = () => new Date('2026-05-01T12:00:00Z');
const later = new Date('2026-05-01T13:00:00Z');

function reasonOf(open: () => unknown): string | undefined {
  try {
    open();
  } catch (error) {
    if (error instanceof SealError) return error.reason;
    throw error;
  }
  return undefined;
}

describe('a sealed text', () => {
  const seal = createSeal({ current: first }, now);

  test('opens to what was sealed, with its end', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        const text = seal.seal('upload', payload, later);
        expect(text).toMatch(/^[\w-]+$/);
        expect(seal.open('upload', text)).toEqual({
          payload: JSON.parse(JSON.stringify(payload)),
          expiresAt: later,
        });
      }),
    );
  });

  test('with any one character changed, cut or added does not open', () => {
    const text = seal.seal('upload', { bucket: 'files' }, later);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(...'ABCdef-_019'.split('')),
        (index, character) => {
          fc.pre(text[index] !== character);
          const changed = text.slice(0, index) + character + text.slice(index + 1);
          expect(reasonOf(() => seal.open('upload', changed))).toBe('forged');
          expect(reasonOf(() => seal.open('upload', text.slice(0, index)))).toBe('forged');
          expect(reasonOf(() => seal.open('upload', text + character))).toBe('forged');
        },
      ),
    );
  });

  test.each(['', '=', '....', 'AAAA', ' '.repeat(80), 'A'.repeat(5000)])('%j does not open', (text) => {
    expect(reasonOf(() => seal.open('token', text))).toBe('forged');
  });

  test('opens for its purpose alone', () => {
    expect(reasonOf(() => seal.open('token', seal.seal('upload', 1, later)))).toBe('forged');
  });

  test('is expired at its end', () => {
    expect(reasonOf(() => seal.open('token', seal.seal('token', 1, now())))).toBe('expired');
  });

  test('of the previous secret opens after a rotation, of the one before no more', () => {
    const text = seal.seal('token', 1, later);
    expect(createSeal({ current: second, previous: first }, now).open('token', text).payload).toBe(1);
    expect(reasonOf(() => createSeal({ current: second }, now).open('token', text))).toBe('forged');
  });
});
