import fc from 'fast-check';

/**
 * What is done to both stores. Versions and uploads are named by their turn, since each store gives them ids of its own:
 * the n-th that came up in the sequence, counted round.
 */
export type Operation =
  | ({ readonly kind: 'put'; readonly key: string; readonly body: Body } & WriteOptions)
  | ({ readonly kind: 'get'; readonly key: string } & ReadOptions)
  | ({ readonly kind: 'head'; readonly key: string } & ReadOptions)
  | { readonly kind: 'delete'; readonly key: string; readonly version: Turn }
  | {
      readonly kind: 'deleteMany';
      readonly items: readonly { readonly key: string; readonly version: Turn }[];
      readonly quiet: boolean;
    }
  | {
      readonly kind: 'copy';
      readonly from: string;
      readonly version: Turn;
      readonly key: string;
      readonly replace: boolean;
      readonly metadata: Record<string, string>;
    }
  | {
      readonly kind: 'list' | 'listV1' | 'listVersions' | 'listUploads';
      readonly prefix: string | undefined;
      readonly delimiter: string | undefined;
      readonly after: string | undefined;
      readonly limit: number | undefined;
    }
  | { readonly kind: 'tag'; readonly key: string; readonly tags: Record<string, string> }
  | { readonly kind: 'tags' | 'untag'; readonly key: string }
  | { readonly kind: 'begin'; readonly key: string; readonly metadata: Record<string, string> }
  | { readonly kind: 'part'; readonly upload: number; readonly partNumber: number; readonly body: Body }
  | {
      readonly kind: 'partCopy';
      readonly upload: number;
      readonly partNumber: number;
      readonly from: string;
      readonly range: string | undefined;
    }
  | { readonly kind: 'parts'; readonly upload: number; readonly after: number; readonly limit: number }
  | {
      readonly kind: 'complete';
      readonly upload: number;
      readonly order: 'right' | 'reversed' | 'wrong ETag';
    }
  | { readonly kind: 'abort'; readonly upload: number }
  | { readonly kind: 'versioning'; readonly status: 'Enabled' | 'Suspended' };

/** The n-th version that came up; nothing for the current one. */
export type Turn = number | undefined;

/** So many bytes of a pattern that its seed begins. */
export interface Body {
  readonly sizeBytes: number;
  readonly seed: number;
}

export interface WriteOptions {
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  readonly metadata: Record<string, string>;
  readonly checksum: 'CRC32' | 'CRC32C' | 'SHA1' | 'SHA256' | undefined;
  readonly condition: 'if-none-match *' | 'if-match current' | 'if-match other' | undefined;
}

export interface ReadOptions {
  readonly version: Turn;
  readonly range: string | undefined;
  readonly condition:
    | 'if-match current'
    | 'if-match other'
    | 'if-none-match current'
    | 'if-none-match other'
    | undefined;
  readonly contentType: string | undefined;
}

const often = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

// Few, so that operations meet; and each is a trap of its own in a listing's order, an XML or a URL.
const key = fc.constantFrom(
  'a',
  'a/',
  'a/b',
  'a/b/c',
  'a+b c',
  'é&<>"\'',
  'z%2Fz',
  '\u{1F600}',
  '\uFFFD',
  'b',
);
const seed = fc.nat(255);
const body: fc.Arbitrary<Body> = fc.record({
  sizeBytes: fc.oneof(fc.nat(40), fc.constantFrom(0, 1, 70_000)),
  seed,
});
/** All parts but the last have at least 5 MiB. */
const partBody: fc.Arbitrary<Body> = fc.record({
  sizeBytes: fc.oneof(fc.nat(40), fc.constantFrom(5 << 20, (5 << 20) + 1)),
  seed,
});
const turn = seldom(fc.nat(30));
const metadata = fc.dictionary(
  fc.constantFrom('color', 'x-y', 'n'),
  fc.stringMatching(/^[a-zA-Z0-9;, =]{1,12}$/),
  {
    maxKeys: 2,
  },
);
const tags = fc.dictionary(fc.stringMatching(/^[a-z:+]{1,8}$/), fc.stringMatching(/^[a-z @/]{0,8}$/), {
  maxKeys: 3,
});
const byte = fc.nat(50);
const range = fc.oneof(
  fc.tuple(byte, byte).map(([from, to]) => `bytes=${from}-${to}`),
  byte.map((from) => `bytes=${from}-`),
  byte.map((count) => `bytes=-${count}`),
  fc.constantFrom('bytes=0-0', 'bytes=9999999-', 'bytes=x-1', 'lines=1-2'),
);
const reading = {
  version: turn,
  range: seldom(range),
  condition: seldom(
    fc.constantFrom<NonNullable<ReadOptions['condition']>>(
      'if-match current',
      'if-match other',
      'if-none-match current',
      'if-none-match other',
    ),
  ),
  contentType: seldom(fc.constant('text/html; charset=utf-8')),
};
const upload = fc.nat(3);
const partNumber = fc.integer({ min: 1, max: 4 });

const put = fc.record({
  kind: fc.constant('put' as const),
  key,
  body,
  contentType: often(fc.constantFrom('text/plain', 'image/png')),
  cacheControl: seldom(fc.constant('max-age=60')),
  metadata,
  checksum: often(
    fc.constantFrom<NonNullable<WriteOptions['checksum']>>('CRC32', 'CRC32C', 'SHA1', 'SHA256'),
  ),
  condition: seldom(
    fc.constantFrom<NonNullable<WriteOptions['condition']>>(
      'if-none-match *',
      'if-match current',
      'if-match other',
    ),
  ),
});
const page = {
  prefix: often(fc.constantFrom('a', 'a/', 'a/b', 'é', 'none')),
  delimiter: often(fc.constantFrom('/', 'b', '%2F')),
  limit: often(fc.constantFrom(0, 1, 2, 3, 1000)),
};
const list = fc.record({
  kind: fc.constantFrom('list' as const, 'listV1' as const),
  after: seldom(key),
  ...page,
});
const listDeep = fc.record({
  kind: fc.constantFrom('listVersions' as const, 'listUploads' as const),
  // No key that there is: of one whose versions or uploads are many, Ceph begins at the first, AWS behind the last.
  after: seldom(fc.constantFrom('A', 'a/b~', 'az', 'b~', 'ô')),
  ...page,
});

/** Operations in the proportion in which they find each other. */
export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: put },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('get' as const, 'head' as const), key, ...reading }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key, version: turn }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deleteMany' as const),
      items: fc.uniqueArray(fc.record({ key, version: turn }), {
        minLength: 1,
        maxLength: 4,
        selector: (item) => item.key,
      }),
      quiet: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('copy' as const),
      from: key,
      version: turn,
      key,
      replace: fc.boolean(),
      metadata,
    }),
  },
  { weight: 4, arbitrary: list },
  { weight: 3, arbitrary: listDeep },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tag' as const), key, tags }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('tags' as const, 'untag' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const), key, metadata }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('part' as const), upload, partNumber, body: partBody }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('partCopy' as const),
      upload,
      partNumber,
      from: key,
      range: seldom(fc.constantFrom('bytes=0-0', 'bytes=3-20', 'bytes=0-5242879')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('parts' as const),
      upload,
      after: fc.nat(4),
      limit: fc.constantFrom(1, 2, 1000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('complete' as const),
      upload,
      order: fc.constantFrom(
        'right' as const,
        'right' as const,
        'right' as const,
        'reversed' as const,
        'wrong ETag' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), upload }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('versioning' as const),
      status: fc.constantFrom('Enabled' as const, 'Enabled' as const, 'Suspended' as const),
    }),
  },
);
