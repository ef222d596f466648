/**
 * The Fetch standard's `Headers`, `Request` and `Response` as far as the app uses them: with whole bodies, without
 * streams. The Lambda bundle gets them in the place of Node's own (`infra/bundle.ts`), because to touch one of those
 * loads all of undici, which costs a cold start about 20 ms. `test/hosts/light-fetch.test.ts` compares the two.
 *
 * @see https://fetch.spec.whatwg.org/
 */

type HeadersInit = Iterable<readonly [name: string, value: string]> | Readonly<Record<string, string>>;

export class Headers {
  readonly #values = new Map<string, string>();
  #cookies: readonly string[] = [];

  constructor(init: HeadersInit = {}) {
    for (const [name, value] of Symbol.iterator in init ? init : Object.entries(init)) {
      this.append(name, value);
    }
  }

  /** Values of one name are a list, but for cookies, which must not be joined (RFC 6265). */
  append(name: string, value: string): void {
    if (isCookie(name)) {
      this.#cookies = [...this.#cookies, normalized(value)];
    } else {
      const known = this.get(name);
      const joined = known === null ? normalized(value) : `${known}, ${normalized(value)}`;
      this.#values.set(name.toLowerCase(), joined);
    }
  }

  set(name: string, value: string): void {
    if (isCookie(name)) this.#cookies = [normalized(value)];
    else this.#values.set(name.toLowerCase(), normalized(value));
  }

  delete(name: string): void {
    if (isCookie(name)) this.#cookies = [];
    else this.#values.delete(name.toLowerCase());
  }

  get(name: string): string | null {
    if (isCookie(name)) return this.#cookies.length === 0 ? null : this.#cookies.join(', ');
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  getSetCookie(): string[] {
    return [...this.#cookies];
  }

  /** In the order of names; each cookie is an entry of its own. */
  entries(): IterableIterator<[name: string, value: string]> {
    const cookies = this.#cookies.map((cookie): [string, string] => ['set-cookie', cookie]);
    return [...this.#values, ...cookies].sort(([a], [b]) => (a < b ? -1 : Number(a > b))).values();
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this) visit(value, name);
  }
}

function isCookie(name: string): boolean {
  return name.toLowerCase() === 'set-cookie';
}

/** @throws TypeError for a value that would break out of its line */
function normalized(value: string): string {
  const trimmed = value.replaceAll(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  if (/[\0\n\r]/.test(trimmed)) throw new TypeError('A header value must not hold line ends.');
  return trimmed;
}

type Body = string | Uint8Array | ArrayBuffer | null;

/** A body that is there as a whole. */
class Message {
  readonly headers: Headers;
  readonly body: Body;
  /** Whole bodies can be read again. */
  readonly bodyUsed = false;

  constructor(body: Body, headers: HeadersInit | undefined) {
    this.body = body;
    this.headers = new Headers(headers);
    if (typeof body === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/plain;charset=UTF-8');
    }
  }

  async text(): Promise<string> {
    return typeof this.body === 'string' ? this.body : new TextDecoder().decode(this.body ?? undefined);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = typeof this.body === 'string' ? this.body : new Uint8Array(this.body ?? []);
    return new Uint8Array(Buffer.from(bytes)).buffer;
  }
}

export class Request extends Message {
  readonly url: string;
  readonly method: string;

  constructor(url: string, init: { method?: string; headers?: HeadersInit; body?: Body } = {}) {
    super(init.body ?? null, init.headers);
    this.url = url;
    this.method = init.method ?? 'GET';
  }
}

export class Response extends Message {
  readonly status: number;
  readonly statusText: string;

  /** @param init - another response serves as well, as in the standard */
  constructor(
    body: Body = null,
    init: { status?: number; statusText?: string; headers?: HeadersInit | undefined } = {},
  ) {
    super(body, init.headers);
    this.status = init.status ?? 200;
    this.statusText = init.statusText ?? '';
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
}
