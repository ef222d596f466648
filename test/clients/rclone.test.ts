import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../support/programs.ts';
import { run } from './run.ts';
import { filesOf, useWorkplace } from './workplace.ts';

const program = findProgram('rclone') ?? '';

describe.runIf(program)('rclone', { timeout: 90_000 }, () => {
  const workplace = useWorkplace();
  const rclone = (...args: string[]) => {
    const { endpoint, region, credentials, folder } = workplace();
    return run(program, ['--config', join(folder, 'none.conf'), '--retries', '1', ...args], {
      RCLONE_CONFIG_STORE_TYPE: 's3',
      RCLONE_CONFIG_STORE_PROVIDER: 'Other',
      RCLONE_CONFIG_STORE_ENDPOINT: endpoint,
      RCLONE_CONFIG_STORE_REGION: region,
      RCLONE_CONFIG_STORE_ACCESS_KEY_ID: credentials.accessKeyId,
      RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
  };

  test('syncs a folder, in parts where files are large, and finds both sides equal', async () => {
    const { samples, folder } = workplace();
    await rclone('sync', samples, 'store:files/sync', '--s3-upload-cutoff', '6M', '--s3-chunk-size', '6M');
    await rclone('check', '--download', samples, 'store:files/sync');
    await rclone('copy', 'store:files/sync', join(folder, 'copy'));
    expect(await filesOf(join(folder, 'copy'))).toEqual(await filesOf(samples));
  });

  test('brings over what has changed, and removes what has gone', async () => {
    const { samples } = workplace();
    await rclone('sync', samples, 'store:files/mirror');
    await rclone('copyto', 'store:files/mirror/plain.txt', 'store:files/mirror/extra');
    await writeFile(join(samples, 'plain.txt'), 'changed');
    await expect(rclone('check', samples, 'store:files/mirror')).rejects.toThrow('2 differences');
    await rclone('sync', samples, 'store:files/mirror');
    await rclone('check', samples, 'store:files/mirror');
    await rclone('purge', 'store:files/mirror');
    expect(await rclone('lsf', 'store:files/mirror')).toBe('');
  });
});
