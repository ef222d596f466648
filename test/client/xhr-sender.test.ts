import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BodyRequest, xhrSender } from '../../lib/client/send-body.ts';

/** The browser's way to send, against a browser that does as told. A real one drives it in the console's tests. */

class FakeXhr extends EventTarget {
  static last: FakeXhr;
  readonly upload = new EventTarget();
  readonly headers: string[] = [];
  status = 0;
  responseText = '';
  sent: unknown;
  isAborted = false;

  constructor() {
    super();
    FakeXhr.last = this;
  }
  open(): void {}
  setRequestHeader(name: string): void {
    this.headers.push(name);
  }
  send(body: unknown): void {
    this.sent = body;
  }
  abort(): void {
    this.isAborted = true;
  }
  progress(loaded: number): void {
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded }));
  }
  answer(status: number, responseText = ''): void {
    Object.assign(this, { status, responseText });
    this.dispatchEvent(new Event('load'));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('XMLHttpRequest', FakeXhr);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function send(options: Partial<BodyRequest> = {}) {
  const answer = xhrSender({
    url: 'https://storage.example.com/k',
    headers: { 'content-length': '5', Host: 'storage.example.com', 'content-type': 'text/plain' },
    body: new Blob(['bytes']),
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...options,
  });
  // Whoever awaits it sees the failure; until then it is not unhandled.
  answer.catch(() => undefined);
  return { answer, xhr: FakeXhr.last };
}

test('sends the body with the headers that a script may set, and answers', async () => {
  const seen: number[] = [];
  const { answer, xhr } = send({ onProgress: (sentBytes) => seen.push(sentBytes) });
  expect(xhr.headers).toEqual(['content-type']);
  xhr.progress(3);
  xhr.answer(403, '<Error/>');
  await expect(answer).resolves.toEqual({ status: 403, text: '<Error/>' });
  expect(seen).toEqual([3]);
});

test('an error, and a minute of silence, are a lost connection', async () => {
  const failed = send();
  failed.xhr.dispatchEvent(new Event('error'));
  await expect(failed.answer).rejects.toMatchObject({ name: 'ConnectionError' });

  const silent = send();
  vi.advanceTimersByTime(59_000);
  silent.xhr.progress(1);
  vi.advanceTimersByTime(59_000);
  expect(silent.xhr.isAborted).toBe(false);
  vi.advanceTimersByTime(1000);
  await expect(silent.answer).rejects.toMatchObject({ name: 'ConnectionError' });
  expect(silent.xhr.isAborted).toBe(true);
});

test('stopping aborts it, with the reason', async () => {
  const stop = new AbortController();
  const { answer, xhr } = send({ signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
  expect(xhr.isAborted).toBe(true);
  await expect(send({ signal: stop.signal }).answer).rejects.toThrow('enough');
});
