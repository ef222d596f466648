import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rotateSigningKey } from '../lib/access/secrets-file.ts';
import { createAudit } from '../lib/audit/audit.ts';
import { openAuditLog } from '../lib/audit/file.ts';
import { ConfigError } from '../lib/config/load.ts';
import {
  parseStandaloneEnvironment,
  type StandaloneEnvironment,
} from '../lib/config/standalone-environment.ts';
import { readMasterKey } from '../lib/embedded/encryption/master-key.ts';
import { rotateMasterKey } from '../lib/embedded/encryption/rotate-master-key.ts';
import type { Subscriber } from '../lib/events/subscriber.ts';
import type { OwnFunction } from '../lib/hosts/own-function.ts';
import { redriveQueues } from '../lib/hosts/queues.ts';
import { startStandalone, type StandaloneService } from '../lib/hosts/standalone.ts';
import { type Page, readPages } from '../lib/pages/read-pages.ts';
import { createLog } from '../lib/telemetry/log.ts';

/**
 * The whole service in one process: `npm start`. With `rotate-signing-key` it makes a new signing key in the data folder
 * instead; a process that runs there takes it up. With `redrive-events` what was set aside is worked on again, by the
 * process that runs there, or the next. With `rotate-master-key` it brings the embedded store, which no process may be using, under
 * another master key.
 */

const log = createLog((line) => process.stderr.write(`${line}\n`));

const commands: Readonly<Record<string, (environment: StandaloneEnvironment) => void | Promise<void>>> = {
  start,
  'rotate-signing-key': ({ dataDir, auditLog }) => {
    rotateSigningKey(dataDir);
    const { append, close } = openAuditLog(auditLog);
    const principal = { kind: 'operator', sub: userInfo().username } as const;
    createAudit(append).write([{ action: 'rotate signing keys', decision: 'allowed', principal }]);
    close();
    process.stdout.write('A new key seals from now on; what the last one sealed still opens.\n');
  },
  'redrive-events': async ({ dataDir }) => {
    const { count, examples } = await redriveQueues(dataDir);
    for (const { reason } of examples) process.stdout.write(`Set aside: ${reason}\n`);
    process.stdout.write(
      `${count} will be worked on again: within 20 seconds where the service runs, else when it starts.\n`,
    );
  },
  'rotate-master-key': async ({ dataDir, masterKey, newMasterKey }) => {
    if (!masterKey || !newMasterKey) {
      throw new ConfigError('The environment', [
        'needs the key so far in STOWAGE_MASTER_KEY_FILE or STOWAGE_MASTER_KEY, and the new one in STOWAGE_NEW_MASTER_KEY_FILE or STOWAGE_NEW_MASTER_KEY',
      ]);
    }
    const keys = { current: readMasterKey(masterKey), next: readMasterKey(newMasterKey) };
    const count = await rotateMasterKey(dataDir, keys);
    process.stdout.write(
      `The new master key fits the store (${count} data keys were wrapped anew): start with it from now on.\n`,
    );
  },
};
const [name = 'start', ...more] = process.argv.slice(2);
const command = more.length === 0 ? commands[name] : undefined;

try {
  if (!command)
    throw new ConfigError('The command line', [`takes one of: ${Object.keys(commands).join(', ')}`]);
  await command(parseStandaloneEnvironment(process.env));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    error instanceof ConfigError ? `${message}\n` : `Stowage cannot ${name}: ${message}\n`,
  );
  process.exit(1);
}

async function start(environment: StandaloneEnvironment): Promise<void> {
  const service = await startStandalone(environment, log, openPages(), await ownSubscriber());
  process.stdout.write(greeting(service));
  stopOnSignal(service);
}

/** What `on-object-event.ts` beside this file exports, where a team has put one there. */
async function ownSubscriber(): Promise<{ own?: Subscriber }> {
  const file = join(import.meta.dirname, 'on-object-event.ts');
  if (!existsSync(file)) return {};
  const { subscriber }: Partial<OwnFunction> = await import(pathToFileURL(file).href);
  if (!subscriber) throw new ConfigError(file, ['must export `subscriber`, as `ownFunction` gives it']);
  return { own: subscriber(log) };
}

function openPages(): readonly Page[] {
  const folder = join(import.meta.dirname, '../dist/console');
  if (existsSync(folder)) return readPages(folder);
  log('warn', 'The console is not built, so it is not served: npm run build:console');
  return [];
}

function greeting({ apiUrl, s3Url, newRootKey }: StandaloneService): string {
  const lines = [`Stowage is ready.`, `  API          ${apiUrl}`, `  S3 endpoint  ${s3Url}`];
  if (newRootKey === undefined) return [...lines, `  Console      ${apiUrl}/`, ''].join('\n');
  return [
    ...lines,
    `  Root key     ${newRootKey}`,
    '               shown this once: only its hash is kept, so store it now',
    // Behind the # it never leaves the browser.
    `  Console      ${apiUrl}/#key=${newRootKey}`,
    '',
  ].join('\n');
}

function stopOnSignal(service: StandaloneService): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log('info', 'Finishing the requests under way; a second signal stops at once.', { signal });
    void service.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
