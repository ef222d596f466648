import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandaloneProcess } from '../support/standalone.ts';
import { suiteConfiguration } from './suite/host.ts';
import { hostSuite } from './suite/host-suite.ts';

hostSuite('as a standalone process', async () => {
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
    close: async () => {
      await service.end('SIGTERM');
      await rm(dataDir, { recursive: true });
    },
  };
});
