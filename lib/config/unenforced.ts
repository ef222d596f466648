import type { Log } from '../telemetry/log.ts';
import type { Config } from './schema.ts';

/** Says loudly which settings this version reads but does not enforce yet: silence would pass for protection. */
export function warnOfUnenforced(config: Config, log: Log): void {
  const unenforced = {
    quotas: config.quotas.length > 0,
  };
  for (const [setting, isSet] of Object.entries(unenforced)) {
    if (isSet) log('warn', `${setting} is set, but this version does not enforce it yet`);
  }
}
