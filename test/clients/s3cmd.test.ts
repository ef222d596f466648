import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../support/programs.ts';
import { run } from './run.ts';
import { filesOf, useWorkplace } from './workplace.ts';

const program = findProgram('s3cmd') ?? '';

describe.runIf(program)('s3cmd', { timeout: 90_000 }, () => {
  const workplace = useWorkplace();
  const s3cmd = async (...args: string[]) => {
    const { host, region, credentials, folder } = workplace();
    const settings = {
      access_key: credentials.accessKeyId,
      secret_key: credentials.secretAccessKey,
      host_base: host,
      host_bucket: host,
      bucket_location: region,
      use_https: 'False',
      multipart_chunk_size_mb: '6',
    };
    const file = join(folder, 's3cfg');
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    await writeFile(file, `[default]\n${lines.join('\n')}\n`);
    return run(program, ['--config', file, '--no-progress', ...args]);
  };

  test('syncs a folder up and down', async () => {
    const { samples, folder } = workplace();
    await s3cmd('sync', `${samples}/`, 's3://files/sync/');
    await s3cmd('sync', 's3://files/sync/', join(folder, 'copy/'));
    expect(await filesOf(join(folder, 'copy'))).toEqual(await filesOf(samples));
  });

  test('copies, moves, shows and deletes objects', async () => {
    const { samples } = workplace();
    await s3cmd('put', join(samples, 'plain.txt'), 's3://files/one', '--add-header', 'x-amz-meta-a: 1');
    await s3cmd('cp', 's3://files/one', 's3://files/two');
    await s3cmd('mv', 's3://files/two', 's3://files/three');
    expect(await s3cmd('info', 's3://files/three')).toMatch(/x-amz-meta-a: 1/);
    expect(await s3cmd('ls', 's3://files/t')).toMatch(/ 5 +s3:\/\/files\/three\n$/);
    await s3cmd('del', 's3://files/one', 's3://files/three');
    expect(await s3cmd('ls', 's3://files/t')).toBe('');
  });

  test('makes and removes a bucket', async () => {
    await s3cmd('mb', 's3://another');
    await s3cmd('rb', 's3://another');
    expect(await s3cmd('ls')).not.toContain('another');
  });
});
