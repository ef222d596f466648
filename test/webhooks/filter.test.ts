import { expect, test } from 'vitest';
import { identified, type ObjectChange } from '../../lib/events/object-event.ts';
import { matches, type WebhookFilter } from '../../lib/webhooks/filter.ts';

const change: ObjectChange = {
  type: 'object.created',
  time: new Date('2026-11-23T12:00:00Z'),
  bucket: 'files',
  key: 'photos/a.jpg',
  sizeBytes: 1000,
};

test.each<[string, WebhookFilter, Partial<ObjectChange>, boolean]>([
  ['asks for nothing', {}, {}, true],
  ['its bucket', { bucket: 'files' }, {}, true],
  ['another bucket', { bucket: 'file' }, {}, false],
  ['its prefix', { prefix: 'photos/' }, {}, true],
  ['another prefix', { prefix: 'hotos/' }, {}, false],
  ['its suffix', { suffix: '.jpg' }, {}, true],
  ['a suffix in other letters', { suffix: '.JPG' }, {}, false],
  ['prefix and suffix that overlap', { prefix: 'photos/a.j', suffix: 'a.jpg' }, {}, true],
  ['its type among others', { eventTypes: ['object.deleted', 'object.created'] }, {}, true],
  ['another type', { eventTypes: ['object.deleted'] }, {}, false],
  ['no type', { eventTypes: [] }, {}, false],
  ['exactly its size', { minSizeBytes: 1000, maxSizeBytes: 1000 }, {}, true],
  ['a larger one', { minSizeBytes: 1001 }, {}, false],
  ['a smaller one', { maxSizeBytes: 999 }, {}, false],
  ['a size where there is none', { minSizeBytes: 1001 }, { sizeBytes: undefined }, true],
  ['one thing that fits and one that does not', { bucket: 'files', prefix: 'videos/' }, {}, false],
])('a filter that asks for %s', (_, filter, differences, expected) => {
  expect(matches(filter, identified({ ...change, ...differences }))).toBe(expected);
});
