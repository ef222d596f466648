import type { AppConfigFlags } from '../flags/app-config.ts';
import type { ApiGatewayHandler } from './api-gateway.ts';

/** No request is decided by flags that are older than they may be, unless AppConfig is away. */
export function withFreshFlags(
  handler: ApiGatewayHandler,
  flags: AppConfigFlags | undefined,
): ApiGatewayHandler {
  if (!flags) return handler;
  return async (event) => {
    await flags.refresh();
    return handler(event);
  };
}
