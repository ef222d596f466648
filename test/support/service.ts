import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSeal } from '../../lib/access/seal.ts';
import { createApp } from '../../lib/app.ts';
import { type AuditSink, createAudit } from '../../lib/audit/audit.ts';
import type { Flags } from '../../lib/config/flags.ts';
import { parseConfig } from '../../lib/config/load.ts';
import type { Cdn } from '../../lib/downloads/cdn.ts';
import { openEmbeddedStore } from '../../lib/embedded/store.ts';
import { createFanOut, type FanOut } from '../../lib/events/fan-out.ts';
import { createNotifications } from '../../lib/events/notification.ts';
import type { ObjectEvent } from '../../lib/events/object-event.ts';
import { parseObjectEvents } from '../../lib/events/parse.ts';
import { createSubscribers } from '../../lib/events/subscribers.ts';
import type { Scanner } from '../../lib/inspection/scanner.ts';
import { listen } from '../../lib/hosts/node.ts';
import { createRateLimits } from '../../lib/rate-limits/rate-limits.ts';
import type { Queue } from '../../lib/queue/port.ts';
import { openSqliteQueue } from '../../lib/queue/sqlite.ts';
import { openSqliteRecords } from '../../lib/records/sqlite.ts';
import type { Records } from '../../lib/records/port.ts';
import { customEndpoint } from '../../lib/storage/endpoint.ts';
import { createStorage, type Storage } from '../../lib/storage/storage.ts';
import type { Log } from '../../lib/telemetry/log.ts';
import type { Resolve } from '../../lib/webhooks/target.ts';

export const rootKey = 'stow_root-key-of-the-tests-0123456789abcdef';
export const region = 'us-east-1';
export const storeCredentials = { accessKeyId: 'STOWAGETEST', secretAccessKey: 'secret-of-the-tests' };

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The app in this process, with a real embedded store on loopback behind it. */
export interface TestService {
  readonly app: ReturnType<typeof createApp>;
  readonly storage: Storage;
  readonly records: Records;
  /** What is to be sent by webhooks. Nobody works on it. */
  readonly deliveries: Queue;
  /** What storage has told by notifications. Nobody works on it. */
  readonly notified: Queue;
  readonly s3Url: string;
  readonly log: readonly LogEntry[];
  /** Where the log comes from. */
  readonly record: Log;
  /** The time that the service believes in. */
  readonly now: () => Date;
  /** The lines of the audit log. */
  readonly auditLog: readonly string[];
  /** Calls a route as root, or as whoever `credential` is; a body is sent as JSON. */
  readonly call: (method: string, path: string, body?: unknown, credential?: string) => Promise<Response>;
  /** Brings what has happened in the buckets so far to the subscribers, as the process's workers do. */
  readonly tellEvents: () => Promise<void>;
  /** What has happened since, without telling anybody. */
  readonly untoldEvents: () => readonly ObjectEvent[];
  /** Tells the subscribers of one event. */
  readonly fanOut: FanOut;
  /** Changes the time that the service believes in; the store keeps the true one. */
  readonly setClock: (now: () => Date) => void;
  readonly stop: () => Promise<void>;
}

export interface TestServiceOptions {
  /** Are requests counted, as the standalone process does it? Default: false. */
  readonly isLimited?: boolean;
  /** Default: the lines are kept in {@link TestService.auditLog}. */
  readonly appendAudit?: AuditSink;
  /** Default: there is none. */
  readonly cdn?: Cdn;
  /** Default: records in SQLite. The service closes them. */
  readonly openRecords?: (file: string, now: () => Date) => Promise<Records>;
  /** May webhooks go to this machine? Default: false. */
  readonly webhooksMayLoop?: boolean;
  /** Gives the addresses of a host that a webhook goes to. Default: nothing has any. */
  readonly resolveHost?: Resolve;
  /** Default: none is asked. */
  readonly scanner?: Scanner;
  /** Default: what the configuration says. */
  readonly flags?: () => Flags;
}

export async function openTestService(
  configuration: unknown = { buckets: { files: {} } },
  {
    isLimited = false,
    cdn,
    openRecords = openSqlite,
    webhooksMayLoop = false,
    appendAudit,
    resolveHost = async () => [],
    scanner,
    flags,
  }: TestServiceOptions = {},
): Promise<TestService> {
  const config = parseConfig(configuration);
  const log: LogEntry[] = [];
  const auditLog: string[] = [];
  const record: Log = (level, message, fields = {}) => log.push({ level, message, fields });
  const dataDir = await mkdtemp(join(tmpdir(), 'stowage-test-'));
  const store = await openEmbeddedStore({
    dataDir,
    credentials: storeCredentials,
    region,
    buckets: Object.entries(config.buckets).map(([name, { versioning }]) => ({ name, versioning })),
    corsOrigins: () => config.access.corsOrigins,
    log: record,
  });
  const s3Url = `http://127.0.0.1:${await listen(store.server, 0, '127.0.0.1')}`;

  let clock = () => new Date();
  const now = () => clock();
  const endpoint = customEndpoint(s3Url);
  const storage = createStorage({ endpoint, region, credentials: storeCredentials, now });
  const records = await openRecords(join(dataDir, 'records.sqlite'), now);
  const deliveries = await openSqliteQueue({ file: join(dataDir, 'deliveries.sqlite'), maxAttempts: 5 });
  const notified = await openSqliteQueue({ file: join(dataDir, 'notified.sqlite'), maxAttempts: 5 });
  const seal = createSeal({ current: 'the seal of the tests, 32 characters and more' }, now);
  const secrets = { seal, rootKeySha256: hash('sha256', rootKey, 'buffer') };
  const rateLimits = createRateLimits(config, { now: () => now().getTime() });
  const app = createApp({
    config,
    storage,
    records,
    secrets,
    deliveries,
    notifications: createNotifications(notified),
    webhookTargets: { allowLoopback: webhooksMayLoop, resolve: resolveHost },
    log: record,
    audit: createAudit(appendAudit ?? ((lines) => auditLog.push(...lines.trimEnd().split('\n'))), now),
    cdn,
    now,
    ...(flags && { flags }),
    ...(isLimited && { rateLimits }),
  });

  const fanOut = createFanOut({
    subscribers: createSubscribers({ config, storage, records, deliveries, scanner, log: record, now }),
    records,
    now,
  });
  let toldUpTo = 0;
  const untoldEvents = () => {
    const found = store.events.read(toldUpTo, 10_000);
    toldUpTo = found.at(-1)?.sequence ?? toldUpTo;
    return found.flatMap(({ event }) => parseObjectEvents(JSON.stringify(event)));
  };

  return {
    app,
    storage,
    records,
    deliveries,
    notified,
    s3Url,
    log,
    record,
    now,
    auditLog,
    call: async (method, path, body, credential = rootKey) =>
      app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${credential}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    tellEvents: async () => {
      for (let events = untoldEvents(); events.length > 0; events = untoldEvents()) {
        for (const event of events) await fanOut.tell(event);
      }
    },
    untoldEvents,
    fanOut,
    setClock: (time) => {
      clock = time;
    },
    stop: async () => {
      storage.close();
      await deliveries.close();
      await notified.close();
      await records.close();
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

function openSqlite(file: string, now: () => Date): Promise<Records> {
  return openSqliteRecords({ file, now });
}
