import { openTestService } from '../support/service.ts';
import { suiteConfiguration } from './suite/host.ts';
import { hostSuite } from './suite/host-suite.ts';

hostSuite('in this process', async () => {
  const service = await openTestService(suiteConfiguration);
  return {
    request: async (method, target, headers, body) =>
      service.app.request(target, { method, headers, ...(body !== undefined && { body }) }),
    close: service.stop,
  };
});
