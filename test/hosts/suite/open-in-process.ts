import { openTestService } from '../../support/service.ts';
import { behindProxy, type Host, type SuiteConfiguration } from './host.ts';

export async function openInProcess(configuration: SuiteConfiguration): Promise<Host> {
  const service = await openTestService(configuration, { isLimited: true });
  return {
    request: async (method, target, headers, body, from) =>
      service.app.request(target, {
        method,
        headers: behindProxy(headers, from),
        ...(body !== undefined && { body }),
      }),
    countsRequests: true,
    hasRecords: true,
    close: service.stop,
  };
}
