import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, type S3Target, useTarget } from './target.ts';

/** Listing, compared with a model of a few lines. */
export function describeListing(start: () => Promise<S3Target>): void {
  describe('listings', () => {
    const target = useTarget(start);

    const keys = [
      'a a/ a/1 a/2 a/b/1 a/b/2 a/c a0 b b/\u{10ffff} b/\u{10ffff}x b0 z// z//x z///',
      'photos photos.txt photos/2024/1.jpg photos/2024/2.jpg photos/2025/1.jpg',
      'e é é/x \ud7ff \ue000 \uffee \u{1f600} b+c&<d>%2F"\'',
    ].flatMap((line) => [...line.split(' '), line]);

    async function fill(): Promise<void> {
      const { s3, bucket: Bucket } = target();
      if ((await s3.listObjectsV2({ Bucket, MaxKeys: 1 })).KeyCount) return;
      await Promise.all(keys.map((Key) => s3.putObject({ Bucket, Key, Body: Key })));
    }

    const request = fc.record({
      prefix: fc.constantFrom('', 'a', 'a/', 'a/b', 'b/', 'photos', 'photos/', 'z/', 'é', 'none'),
      delimiter: fc.constantFrom('', '/', '//', '1', 'o'),
      after: fc.option(
        fc.oneof(fc.constantFrom(...keys), fc.constantFrom('', 'a/b/', 'photos/2024/', 'zz')),
        {
          nil: undefined,
        },
      ),
      maxKeys: fc.integer({ min: 1, max: 12 }),
      encoded: fc.boolean(),
    });

    test('by version 2 are those of the model, page by page', async () => {
      await fill();
      const { s3, bucket: Bucket } = target();
      await fc.assert(
        fc.asyncProperty(request, async ({ prefix, delimiter, after, maxKeys, encoded }) => {
          const expected = model(keys, prefix, delimiter, after ?? '');
          const listed: string[] = [];
          for (let token: string | undefined, page = 0; page === 0 || token; page += 1) {
            const answer = await s3.listObjectsV2({
              Bucket,
              Prefix: prefix,
              Delimiter: delimiter,
              StartAfter: after,
              MaxKeys: maxKeys,
              ContinuationToken: token,
              ...(encoded && { EncodingType: 'url' }),
            });
            const names = namesOf(answer, encoded);
            listed.push(...names);
            expect(answer.KeyCount).toBe(names.length);
            expect(answer.IsTruncated).toBe(listed.length < expected.length);
            if (answer.IsTruncated) expect(names).toHaveLength(maxKeys);
            token = answer.NextContinuationToken;
          }
          expect(listed).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    });

    test('by version 1 are those of the model, page by page', async () => {
      await fill();
      const { s3, bucket: Bucket } = target();
      await fc.assert(
        fc.asyncProperty(request, async ({ prefix, delimiter, after, maxKeys }) => {
          const listed: string[] = [];
          for (let marker = after, goOn = true; goOn;) {
            const answer = await s3.listObjects({
              Bucket,
              Prefix: prefix,
              Delimiter: delimiter,
              Marker: marker,
              MaxKeys: maxKeys,
            });
            listed.push(...namesOf(answer, false));
            marker = answer.NextMarker ?? answer.Contents?.at(-1)?.Key;
            goOn = answer.IsTruncated === true;
          }
          expect(listed).toEqual(model(keys, prefix, delimiter, after ?? ''));
        }),
        { numRuns: 60 },
      );
    });

    test('describe each object', async () => {
      const { s3, bucket: Bucket } = target();
      const { ETag } = await s3.putObject({
        Bucket,
        Key: 'described',
        Body: 'hello',
        StorageClass: 'GLACIER_IR',
      });
      const { Contents } = await s3.listObjectsV2({ Bucket, Prefix: 'described', FetchOwner: true });
      expect(Contents?.[0]).toMatchObject({ Key: 'described', Size: 5, ETag, StorageClass: 'GLACIER_IR' });
      expect(Contents?.[0]?.Owner?.ID).toBeTruthy();
      await s3.deleteObject({ Bucket, Key: 'described' });
    });

    test('may be asked for nothing, and refuse what they cannot read', async () => {
      const { s3, bucket: Bucket } = target();
      expect(await s3.listObjectsV2({ Bucket, MaxKeys: 0 })).toMatchObject({
        KeyCount: 0,
        IsTruncated: false,
      });
      expect(await codeOf(s3.listObjectsV2({ Bucket, MaxKeys: -1 }))).toBe('InvalidArgument');
      expect(await codeOf(s3.listObjectsV2({ Bucket, ContinuationToken: 'ü' }))).toBe('InvalidArgument');
    });
  });
}

/** Keys and rolled-up prefixes behind `after`, in the order of their bytes. */
function model(keys: readonly string[], prefix: string, delimiter: string, after: string): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : key.slice(0, at + delimiter.length);
    });
  return [...new Set(names)].filter((name) => compareBytes(name, after) > 0).sort(compareBytes);
}

function namesOf(
  answer: {
    readonly Contents?: { readonly Key?: string | undefined }[] | undefined;
    readonly CommonPrefixes?: { readonly Prefix?: string | undefined }[] | undefined;
  },
  encoded: boolean,
): string[] {
  const names = [
    ...(answer.Contents ?? []).map(({ Key = '' }) => Key),
    ...(answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix),
  ];
  return names.map((name) => (encoded ? decodeURIComponent(name) : name)).sort(compareBytes);
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
