import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Flags } from '../config/flags.ts';
import { parseConfigText } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { watchFiles } from '../hosts/watch-files.ts';
import type { Log } from '../telemetry/log.ts';

export interface FileFlags {
  readonly current: () => Flags;
  readonly close: () => void;
}

/** Flags of `stowage.json`, taken up while the process runs. A file that is not valid leaves them as they were. */
export function watchFlags(path: string, config: Config, log: Log, everySeconds = 2): FileFlags {
  let { flags } = config;
  const close = watchFiles({
    paths: [path],
    contents: [readFileSync(path, 'utf8')],
    everySeconds,
    onChange: ([text = '']) => {
      const { flags: renewed, ...others } = parseConfigText(text, path);
      flags = renewed;
      log('info', 'The flags were read again', { flags });
      const { flags: _, ...before } = config;
      if (!isDeepStrictEqual(others, before)) {
        log('warn', 'Beside the flags, the configuration has changed: that counts from the next start on');
      }
    },
    onError: (error) => log('error', 'The new configuration cannot be used; the flags stay', { error }),
  });
  return { current: () => flags, close };
}
