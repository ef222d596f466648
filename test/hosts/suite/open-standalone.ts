import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandaloneProcess } from '../../support/standalone.ts';
import { behindProxy, type Host, type SuiteConfiguration } from './host.ts';

/** A live server in a process of its own. */
export async function openStandalone(configuration: SuiteConfiguration): Promise<Host> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-test-'));
  const configPath = join(dataDir, 'stowage.json');
  await writeFile(configPath, JSON.stringify(configuration));
  const service = await startStandaloneProcess({ dataDir, environment: { STOWAGE_CONFIG: configPath } });
  return {
    address: service.apiUrl,
    request: (method, target, headers, body, from) =>
      fetch(`${service.apiUrl}${target}`, {
        method,
        headers: behindProxy(headers, from),
        redirect: 'manual',
        ...(body !== undefined && { body }),
      }),
    countsRequests: true,
    hasRecords: true,
    close: async () => {
      await service.end('SIGTERM');
      await rm(dataDir, { recursive: true });
    },
  };
}
