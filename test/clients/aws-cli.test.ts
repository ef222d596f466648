import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../support/programs.ts';
import { run } from './run.ts';
import { filesOf, useWorkplace } from './workplace.ts';

const program = findProgram('aws') ?? '';

describe.runIf(program)('the AWS command line', { timeout: 90_000 }, () => {
  const workplace = useWorkplace();
  const aws = async (...args: string[]) => {
    const { endpoint, region, credentials, folder } = workplace();
    // Its first generation still presigns as S3 did before SigV4, unless told otherwise.
    const settings = join(folder, 'config');
    await writeFile(settings, '[default]\ns3 =\n  signature_version = s3v4\n');
    return run(program, ['--endpoint-url', endpoint, '--region', region, ...args], {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_CONFIG_FILE: settings,
    });
  };

  test('syncs a folder up and down, and finds nothing to do the second time', async () => {
    const { bucket, folder, samples } = workplace();
    const copy = join(folder, 'copy');
    await aws('s3', 'sync', samples, `s3://${bucket}/sync`, '--no-progress');
    expect(await aws('s3', 'sync', samples, `s3://${bucket}/sync`)).toBe('');
    await aws('s3', 'sync', `s3://${bucket}/sync`, copy, '--no-progress');
    expect(await filesOf(copy)).toEqual(await filesOf(samples));
    await aws('s3', 'mv', `s3://${bucket}/sync/plain.txt`, `s3://${bucket}/moved`, '--no-progress');
    await aws('s3', 'rm', '--recursive', `s3://${bucket}/sync`);
    expect(await aws('s3', 'ls', '--recursive', `s3://${bucket}`)).toMatch(/^\S+ \S+ +5 moved\n$/);
  });

  test('describes, tags and presigns an object', async () => {
    const { bucket, samples } = workplace();
    const object = ['--bucket', bucket, '--key', 'described'];
    const file = join(samples, 'plain.txt');
    await aws('s3api', 'put-object', ...object, '--body', file, '--metadata', 'a=1', '--tagging', 'b=2');
    expect(JSON.parse(await aws('s3api', 'head-object', ...object))).toMatchObject({ Metadata: { a: '1' } });
    expect(JSON.parse(await aws('s3api', 'get-object-tagging', ...object))).toEqual({
      TagSet: [{ Key: 'b', Value: '2' }],
    });
    const url = (await aws('s3', 'presign', `s3://${bucket}/described`)).trim();
    const answer = await fetch(url);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(await readFile(file));
  });

  test('makes and removes a bucket', async () => {
    await aws('s3', 'mb', 's3://another');
    await aws('s3', 'rb', 's3://another');
    expect(await aws('s3', 'ls')).not.toContain('another');
  });
});
