import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrivalOf, compareSequencers } from '../../lib/events/order.ts';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import { eventBridge, notification, s3Record } from './messages.ts';

const sequencer = fc.stringMatching(/^[0-9a-f]{1,24}$/);

describe('sequencers', () => {
  test.each([
    ['617f08299329d189', '617f0837b476e463', -1],
    ['617f0837b476e463', '617f08299329d189', 1],
    ['617f', '617f0000', 0],
    ['617f', '617f0001', -1],
    ['62', '617f0001', 1],
    ['0055aed6dcd90281e5', '55aed6dcd90281e5', -1],
  ])('%s against %s', (a, b, expected) => {
    expect(compareSequencers(a, b)).toBe(expected);
  });

  test('compare as fractions of the same base', () => {
    const fraction = (text: string) => BigInt(`0x${text.padEnd(24, '0')}`);
    fc.assert(
      fc.property(sequencer, sequencer, (a, b) => {
        const difference = fraction(a) - fraction(b);
        expect(Math.sign(compareSequencers(a, b))).toBe(difference < 0n ? -1 : Number(difference > 0n));
      }),
    );
  });

  test("Ceph RGW's sort by the time that they were made of", () => {
    const time = fc.tuple(fc.integer({ min: 2 ** 30, max: 2 ** 32 - 1 }), fc.nat({ max: 999_999_999 }));
    const sequencerOf = ([seconds, nanoseconds]: readonly [number, number]) => {
      const memory = Buffer.alloc(8);
      memory.writeUInt32LE(seconds, 0);
      memory.writeUInt32LE(nanoseconds, 4);
      const record = s3Record(
        'ObjectCreated:Put',
        { sequencer: memory.toString('hex').toUpperCase() },
        { eventSource: 'ceph:s3' },
      );
      return parseObjectEvents(notification(record))[0]?.sequencer ?? '';
    };
    fc.assert(
      fc.property(time, time, (a, b) => {
        const order = Math.sign(a[0] - b[0] || a[1] - b[1]);
        expect(compareSequencers(sequencerOf(a), sequencerOf(b))).toBe(order);
      }),
    );
  });
});

describe('what an event is to the last one of its key', () => {
  const at = (sequencer: string | undefined, id: string) => ({ id, sequencer });

  test.each([
    ['the first', at('61', 'a'), undefined, 'new'],
    ['a later one', at('62', 'b'), at('61', 'a'), 'new'],
    ['the same again', at('61', 'a'), at('61', 'a'), 'duplicate'],
    ['one that came late', at('60', 'b'), at('61', 'a'), 'stale'],
    ['another of the same moment', at('61', 'b'), at('61', 'a'), 'new'],
    ['one without an order', at(undefined, 'b'), at('61', 'a'), 'new'],
    ['the same without an order', at(undefined, 'b'), at(undefined, 'b'), 'duplicate'],
  ])('%s', (_, event, last, expected) => {
    expect(arrivalOf(event, last)).toBe(expected);
  });

  test('in whatever order and however often they come, the newest stands at the end', () => {
    const arrivals = fc
      .uniqueArray(fc.nat({ max: 2 ** 40 }), { minLength: 1, maxLength: 8 })
      .chain((numbers) => fc.array(fc.constantFrom(...numbers), { minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(arrivals, (numbers) => {
        const events = numbers.map((number) => at(number.toString(16).padStart(16, '0'), String(number)));
        let last: (typeof events)[number] | undefined;
        for (const event of events) if (arrivalOf(event, last) === 'new') last = event;
        expect(last?.id).toBe(String(Math.max(...numbers)));
      }),
    );
  });
});

describe('the id of an event', () => {
  const idOf = (message: string) => parseObjectEvents(message)[0]?.id;

  test('is the same when storage tells of a change again', () => {
    const message = eventBridge('Object Created', { sequencer: '61' });
    const again = message.replace('5f4c0d3e', '00000000').replace('12:00:00Z', '12:00:07Z');
    expect(idOf(again)).toBe(idOf(message));
  });

  test.each([
    ['key', eventBridge('Object Created', { key: 'other', sequencer: '61' })],
    ['sequencer', eventBridge('Object Created', { sequencer: '62' })],
    ['version', eventBridge('Object Created', { sequencer: '61', 'version-id': 'v2' })],
    ['type', eventBridge('Object Deleted', { sequencer: '61' })],
    ['request', eventBridge('Object Created', { sequencer: '61' }, { 'request-id': 'REQ2' })],
  ])('is another for another %s', (_, other) => {
    expect(idOf(other)).not.toBe(idOf(eventBridge('Object Created', { sequencer: '61' })));
  });
});
