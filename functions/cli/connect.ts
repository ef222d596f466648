import { readFileSync } from 'node:fs';
import { createClient, type StowageClient } from '../../lib/client/client.ts';
import { ConnectionError } from '../../lib/client/errors.ts';
import { type CommonValues, UsageError } from './command.ts';
import { CommandError, exitCodes, reasonOf } from './failure.ts';
import type { Output } from './output.ts';
import { nodeSender } from './send-body.ts';

const defaultUrl = 'http://127.0.0.1:8080';

/** A client for the service and key that options and environment name. @throws {@link CommandError} without a key */
export function connect(values: CommonValues, output: Output): { client: StowageClient; url: string } {
  const url = values.url ?? process.env['STOWAGE_URL'] ?? defaultUrl;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError(`"${url}" is no address; write it like ${defaultUrl}.`);
  }
  const client = createClient({
    baseUrl: url,
    credential: readKey(values),
    sendBody: nodeSender,
    retry: { onRetry: retryReporter(output) },
  });
  return { client, url };
}

/** A server that is away is met by every part on its way, again and again: one remark in a while is enough. */
const remarkIntervalMilliseconds = 5000;

function retryReporter(output: Output): (error: unknown) => void {
  let remarkedAt = -Infinity;
  return (error) => {
    if (performance.now() - remarkedAt < remarkIntervalMilliseconds) return;
    remarkedAt = performance.now();
    output.note(`${describe(error)}; trying again.`);
  };
}

function readKey(values: CommonValues): string {
  const file = values['key-file'];
  const key = file === undefined ? (values.key ?? process.env['STOWAGE_KEY']) : readFileSync(file, 'utf8');
  if (key === undefined || key.trim() === '') {
    throw new CommandError(
      exitCodes.denied,
      'No key. Set STOWAGE_KEY, or give --key-file FILE. The service prints its root key at its first start.',
    );
  }
  return key.trim();
}

function describe(error: unknown): string {
  if (error instanceof ConnectionError) return `${error.message} (${reasonOf(error)})`;
  return error instanceof Error ? error.message : String(error);
}
