import { gzipSync } from 'node:zlib';
import { S3 } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import { contradicts } from '../../lib/inspection/real-type.ts';
import type { Scanner } from '../../lib/inspection/scanner.ts';
import { quarantinePrefix } from '../../lib/quarantine/reserved-prefix.ts';
import { openTestService, region, storeCredentials, type TestService } from '../support/service.ts';

const Bucket = 'files';
let service: TestService;
let s3: S3;

async function open(inspect: readonly string[], rules: object = {}, scanner?: Scanner): Promise<void> {
  const config = { buckets: { [Bucket]: { inspect, ...rules } } };
  service = await openTestService(config, scanner && { scanner });
  s3 = new S3({ endpoint: service.s3Url, region, credentials: storeCredentials, forcePathStyle: true });
}

afterEach(async () => {
  s3.destroy();
  await service.stop();
});

/** What became of the one object. */
async function fate(): Promise<'kept' | 'moved' | 'gone'> {
  const { Contents: [object] = [] } = await s3.listObjectsV2({ Bucket });
  if (!object) return 'gone';
  return object.Key?.startsWith(quarantinePrefix) ? 'moved' : 'kept';
}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n');
const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]);
const svg = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');

describe('the type that an object shows', () => {
  test.each([
    ['a picture that says so', 'image/png', png, 'kept'],
    ['a picture that says another kind of picture', 'image/jpeg', png, 'kept'],
    ['a picture with a parameter in capitals', 'IMAGE/PNG; x=y', png, 'kept'],
    ['a program that says it is a picture', 'image/png', program, 'moved'],
    ['a document that says it is a picture', 'image/png', pdf, 'moved'],
    ['a drawing with scripts that says it is a plain picture', 'image/png', svg, 'moved'],
    ['a drawing that says so', 'image/svg+xml', svg, 'kept'],
    ['a document that says it is text', 'text/plain', pdf, 'moved'],
    ['a document that says nothing', 'application/octet-stream', pdf, 'kept'],
    ['text that says it is text', 'text/plain', Buffer.from('hello'), 'kept'],
    ['text that nothing is known of', 'image/png', Buffer.from('hello'), 'kept'],
    ['nothing at all', 'image/png', Buffer.alloc(0), 'kept'],
  ])('of %s: %s', async (_, ContentType, Body, expected) => {
    await open(['type']);
    await s3.putObject({ Bucket, Key: 'object', Body, ContentType });
    await service.tellEvents();
    expect(await fate()).toBe(expected);
  });

  test('is not that of its coding', async () => {
    await open(['type']);
    const Body = gzipSync('{}');
    await s3.putObject({ Bucket, Key: 'a', Body, ContentType: 'application/json', ContentEncoding: 'gzip' });
    await service.tellEvents();
    expect(await fate()).toBe('kept');
    await s3.putObject({ Bucket, Key: 'a', Body, ContentType: 'application/json' });
    await service.tellEvents();
    expect(await fate()).toBe('moved');
  });

  test('is not looked for where nobody asks', async () => {
    await open([]);
    await s3.putObject({ Bucket, Key: 'a', Body: pdf, ContentType: 'image/png' });
    await service.tellEvents();
    expect(await fate()).toBe('kept');
  });

  test('is told in the reason, and the object stays in its place where it is only tagged', async () => {
    await open(['type'], { quarantine: 'tag' });
    await s3.putObject({ Bucket, Key: 'a', Body: pdf, ContentType: 'image/png' });
    await service.tellEvents();
    expect((await s3.getObjectTagging({ Bucket, Key: 'a' })).TagSet).toEqual([
      { Key: 'stowage-quarantine', Value: 'true' },
    ]);
    expect(service.log).toContainEqual(
      expect.objectContaining({
        fields: expect.objectContaining({
          reason: 'It says that it is image/png, and its first bytes are those of application/pdf.',
        }),
      }),
    );
  });
});

test('no type contradicts itself, and none contradicts what it does not know', async () => {
  await open([]);
  const type = fc.constantFrom(
    'image/png',
    'text/html',
    'application/zip',
    'application/x-cfb',
    'video/mp4',
    '',
  );
  fc.assert(
    fc.property(type, type, (declared, real) => {
      expect(contradicts(declared, declared)).toBe(false);
      expect(contradicts(declared, undefined)).toBe(false);
      expect(contradicts('application/octet-stream', real)).toBe(false);
      expect(contradicts(`${declared}; charset=utf-8`, real)).toBe(contradicts(declared, real));
    }),
  );
});

describe('malware', () => {
  /** What GuardDuty sends when it has scanned an object. */
  async function tellOfScan(scanResultStatus: string, eTag: string): Promise<void> {
    const message = {
      source: 'aws.guardduty',
      'detail-type': 'GuardDuty Malware Protection Object Scan Result',
      time: '2026-11-25T12:00:00Z',
      detail: {
        schemaVersion: '1.0',
        scanStatus: 'COMPLETED',
        resourceType: 'S3_OBJECT',
        s3ObjectDetails: { bucketName: Bucket, objectKey: 'a', eTag, s3Throttled: false },
        scanResultDetails: {
          scanResultStatus,
          threats: scanResultStatus === 'THREATS_FOUND' ? [{ name: 'EICAR-Test-File' }] : null,
        },
      },
    };
    for (const event of parseObjectEvents(JSON.stringify(message))) await service.fanOut.tell(event);
  }

  test.each([
    ['THREATS_FOUND', 'moved', []],
    ['NO_THREATS_FOUND', 'kept', []],
    ['UNSUPPORTED', 'kept', [{ Key: 'stowage-scan', Value: 'unscanned' }]],
  ])('by a word of GuardDuty, %s: %s', async (status, expected, tags) => {
    await open(['malware']);
    const { ETag = '' } = await s3.putObject({ Bucket, Key: 'a', Body: 'x' });
    await service.tellEvents();
    await tellOfScan(status, ETag.replaceAll('"', ''));
    expect(await fate()).toBe(expected);
    if (expected === 'kept') expect((await s3.getObjectTagging({ Bucket, Key: 'a' })).TagSet).toEqual(tags);
  });

  test('that was in an object before this one is no word on this one', async () => {
    await open(['malware']);
    await s3.putObject({ Bucket, Key: 'a', Body: 'another' });
    await tellOfScan('THREATS_FOUND', '0'.repeat(32));
    expect(await fate()).toBe('kept');
  });

  test('is looked for in all bytes, again when the scanner has failed', async () => {
    const body = Buffer.alloc(9_000_000, 'piece');
    let isOut = true;
    const seen: Buffer[] = [];
    await open(
      ['malware'],
      {},
      {
        scan: async (pieces) => {
          if (isOut) throw new Error('out');
          for await (const piece of pieces) seen.push(piece);
          return { result: 'infected', threats: ['Test'] };
        },
      },
    );
    await s3.putObject({ Bucket, Key: 'a', Body: body });
    const [event] = service.untoldEvents();
    if (!event) throw new Error('There is no event.');
    await expect(service.fanOut.tell(event)).rejects.toThrow('inspect: out');
    isOut = false;
    await service.fanOut.tell(event);
    expect(Buffer.concat(seen).equals(body)).toBe(true);
    expect(await fate()).toBe('moved');
  });
});
