import type { NewMessage, ReceiveQuery } from './port.ts';

/**
 * SQS's limits, held on every adapter, so that what runs on a laptop runs in AWS. A body leaves room for a reason in
 * 256 KiB, the lowest of the sizes that a queue may be limited to by default.
 */
const maxBodyBytes = 240 * 1024;
const maxDelaySeconds = 900;
const maxBatch = 10;
const maxWaitSeconds = 20;
/** SQS keeps a message for 12 hours from its receipt, extended or not. An hour of them is left for the work. */
const maxLeaseSeconds = 11 * 3600;
const maxReasonCharacters = 1000;

const notInXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const everyNotInXml = new RegExp(notInXml, 'gu');

/** A message's body that holds a value as JSON, with the two characters escaped that JSON takes and XML does not. */
export function toBody(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}

/** @throws RangeError */
export function checkMessage({ body, delaySeconds = 0 }: NewMessage): void {
  const sizeBytes = Buffer.byteLength(body);
  if (sizeBytes < 1 || sizeBytes > maxBodyBytes || notInXml.test(body)) {
    throw new RangeError(`A body has 1 to ${maxBodyBytes} bytes, of characters that XML allows.`);
  }
  checkNumber('delay in seconds', delaySeconds, 0, maxDelaySeconds);
}

/** @throws RangeError */
export function checkQuery({ limit, leaseSeconds, waitSeconds = 0 }: ReceiveQuery): void {
  checkNumber('number of messages', limit, 1, maxBatch);
  checkNumber('lease in seconds', leaseSeconds, 1, maxLeaseSeconds);
  checkNumber('time to wait in seconds', waitSeconds, 0, maxWaitSeconds);
}

/** @throws RangeError */
export function checkLease(seconds: number, minimum: number): void {
  checkNumber('time in seconds', seconds, minimum, maxLeaseSeconds);
}

/** A reason as it can be kept: errors may say anything. */
export function toReason(text: string): string {
  return text.slice(0, maxReasonCharacters).replaceAll(everyNotInXml, '\ufffd') || 'No reason was given.';
}

function checkNumber(what: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`A ${what} is a whole number from ${minimum} to ${maximum}, not ${value}.`);
  }
}
