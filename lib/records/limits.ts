import { type Change, type ListQuery, maxValueBytes } from './port.ts';

/** DynamoDB's limits, held on every adapter, so that what runs on a laptop runs in AWS. */
const maxPartitionBytes = 2048;
const maxSortBytes = 1024;
const maxChanges = 100;

/** @throws RangeError */
export function checkKey(partition: string, sort: string): void {
  checkText('partition', partition, 1, maxPartitionBytes);
  checkText('sort key', sort, 1, maxSortBytes);
}

/** @throws RangeError */
export function checkQuery(partition: string, { prefix = '', after, limit }: ListQuery): void {
  checkText('partition', partition, 1, maxPartitionBytes);
  checkText('prefix', prefix, 0, maxSortBytes);
  if (after !== undefined) checkText('sort key', after, 1, maxSortBytes);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`A page cannot hold ${limit} records.`);
}

/** @throws RangeError */
export function checkChanges(changes: readonly Change[]): void {
  if (changes.length < 1 || changes.length > maxChanges) {
    throw new RangeError(`A transaction has 1 to ${maxChanges} changes, not ${changes.length}.`);
  }
  for (const change of changes) {
    checkKey(change.partition, change.sort);
    if (change.action === 'add') checkDeltas(change.deltas);
    if (change.action === 'put') checkValue(change.value);
  }
  const records = new Set(changes.map(({ partition, sort }) => JSON.stringify([partition, sort])));
  if (records.size < changes.length) throw new RangeError('A transaction changes a record only once.');
}

function checkDeltas(deltas: Readonly<Record<string, number>>): void {
  const entries = Object.entries(deltas);
  if (entries.length === 0) throw new RangeError('An addition names at least one counter.');
  for (const [name, delta] of entries) {
    if (!Number.isSafeInteger(delta)) throw new RangeError(`The counter ${name} cannot change by ${delta}.`);
  }
}

function checkValue(value: unknown): void {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined || Buffer.byteLength(json) > maxValueBytes) {
    throw new RangeError(`A value is one that JSON can hold, in at most ${maxValueBytes} bytes.`);
  }
}

function checkText(what: string, text: string, minBytes: number, maxBytes: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes < minBytes || bytes > maxBytes || !text.isWellFormed()) {
    throw new RangeError(`A ${what} has ${minBytes} to ${maxBytes} bytes of well-formed UTF-8.`);
  }
}
