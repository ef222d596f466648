import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../support/programs.ts';
import { run } from './run.ts';
import { useWorkplace } from './workplace.ts';

const program = findProgram('s3fs') ?? '';
const unmount = findProgram('fusermount3', 'fusermount') ?? '';

describe.runIf(program && unmount)('s3fs', () => {
  const workplace = useWorkplace();

  test('mounts a bucket as a folder that holds files as any other', { timeout: 60_000 }, async () => {
    const { endpoint, region, credentials, folder, samples, bucket } = workplace();
    const mounted = join(folder, 'mounted');
    const password = join(folder, 'password');
    await mkdir(mounted);
    await writeFile(password, `${credentials.accessKeyId}:${credentials.secretAccessKey}`, { mode: 0o600 });
    const settings = `passwd_file=${password},url=${endpoint},endpoint=${region},use_path_request_style`;
    await run(program, [bucket, mounted, '-o', settings]);
    try {
      // By other programs: a read of this process would wait on a thread that the store needs to answer it.
      const copy = join(mounted, 'copy');
      await run('cp', ['-r', samples, copy]);
      await run('diff', ['-r', samples, copy]);
      await run('mv', [join(copy, 'large'), join(mounted, 'renamed')]);
      await run('truncate', ['--size', '7000001', join(mounted, 'renamed')]);
      await run('cmp', ['--bytes', '7000001', join(samples, 'large'), join(mounted, 'renamed')]);
      await run('rm', ['-r', copy]);
      expect(await run('find', [mounted, '-type', 'f', '-printf', '%f %s\n'])).toBe('renamed 7000001\n');
    } finally {
      await run(unmount, ['-u', mounted]);
    }
  });
});
