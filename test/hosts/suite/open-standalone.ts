import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandaloneProcess } from '../../support/standalone.ts';
import { type Host, suiteConfiguration } from './host.ts';

/** A live server in a process of its own. */
export async function openStandalone(): Promise<Host> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-test-'));
  const configPath = join(dataDir, 'stowage.json');
  await writeFile(configPath, JSON.stringify(suiteConfiguration));
  const service = await startStandaloneProcess({ dataDir, environment: { STOWAGE_CONFIG: configPath } });
  return {
    request: (method, target, headers, body) =>
      fetch(`${service.apiUrl}${target}`, {
        method,
        headers,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      }),
    hasRecords: true,
    close: async () => {
      await service.end('SIGTERM');
      await rm(dataDir, { recursive: true });
    },
  };
}
