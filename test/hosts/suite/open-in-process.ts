import { openTestService } from '../../support/service.ts';
import { type Host, suiteConfiguration } from './host.ts';

export async function openInProcess(): Promise<Host> {
  const service = await openTestService(suiteConfiguration);
  return {
    request: async (method, target, headers, body) =>
      service.app.request(target, { method, headers, ...(body !== undefined && { body }) }),
    hasRecords: true,
    close: service.stop,
  };
}
