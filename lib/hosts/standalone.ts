import { hash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRevocations } from '../access/revocations.ts';
import { createSeal } from '../access/seal.ts';
import { openSecretsFile, signingKeysIn } from '../access/secrets-file.ts';
import { createAudit } from '../audit/audit.ts';
import { openAuditLog } from '../audit/file.ts';
import { createApp } from '../app.ts';
import { ConfigError, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { StandaloneEnvironment } from '../config/standalone-environment.ts';
import type { EventLog } from '../embedded/events.ts';
import { applyLifecycle } from '../lifecycle/apply.ts';
import { readMasterKey } from '../embedded/encryption/master-key.ts';
import { type EmbeddedStoreOptions, openEmbeddedStore } from '../embedded/store.ts';
import { knownKeys } from '../keys/known-keys.ts';
import { deriveS3Credentials, s3Callers } from '../keys/s3-credentials.ts';
import { createNotifications } from '../events/notification.ts';
import { s3Writes } from '../keys/s3-writes.ts';
import { createUsage } from '../usage/usage.ts';
import type { Subscriber } from '../events/subscriber.ts';
import { clamd } from '../inspection/clamd.ts';
import type { Scanner } from '../inspection/scanner.ts';
import type { Page } from '../pages/read-pages.ts';
import { createRateLimits } from '../rate-limits/rate-limits.ts';
import { watchFlags } from '../flags/file.ts';
import { customEndpoint, type Endpoint } from '../storage/endpoint.ts';
import { createStorage } from '../storage/storage.ts';
import type { Log } from '../telemetry/log.ts';
import { startMaintenance } from './maintenance.ts';
import { processLanes } from '../webhooks/lanes.ts';
import { recordLanes } from '../webhooks/record-lanes.ts';
import { createNodeServer, drain, listen } from './node.ts';
import { openRecords } from './open-records.ts';
import { repeat } from './repeat.ts';
import { openTls, type Tls } from './tls.ts';
import { watchFiles } from './watch-files.ts';
import { startWorkers } from './workers.ts';

/** The service in one process, up and listening. */
export interface StandaloneService {
  /** The API's own address. */
  readonly apiUrl: string;
  /** The S3 endpoint that callers are sent to. */
  readonly s3Url: string;
  /** The root key, when this start has made it: to be shown once. */
  readonly newRootKey?: string;
  /** Finishes the requests under way, then closes the store. */
  readonly stop: () => Promise<void>;
}

/** How long requests under way may take once the process is told to stop. */
const drainSeconds = 10;
/** How soon a rotation of the signing keys is noticed. */
const keyReloadSeconds = 2;

/** How often the buckets are held to the lifecycle of the configuration. */
const lifecyclePauseSeconds = 3600;

/**
 * Starts the whole service: the embedded store, unless another S3 endpoint is named, and the API.
 *
 * @param pages - the built console; default: none is served
 * @param own - the team's own function for each event; default: none
 * @param now - default: the system clock
 * @throws {@link ConfigError} for a faulty configuration; Error when a port or the data folder cannot be used
 */
export async function startStandalone(
  environment: StandaloneEnvironment,
  log: Log,
  pages: readonly Page[] = [],
  { own, now = () => new Date() }: { readonly own?: Subscriber; readonly now?: () => Date } = {},
): Promise<StandaloneService> {
  const { host, apiPort, region, dataDir } = environment;
  const tls = environment.tls && openTls(environment.tls, log);
  const scheme = tls ? 'https' : 'http';
  const config = loadConfig(environment.configPath);
  const flags = watchFlags(environment.configPath, config, log);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const secrets = openSecretsFile(environment.secretsPath, environment.rootKey);
  const credentials = environment.s3Credentials ?? secrets.s3;
  const consoleOrigins: string[] = [];
  const corsOrigins = () => [...config.access.corsOrigins, ...consoleOrigins];

  const records = await openRecords(environment, now);
  const keys = knownKeys({ records, now, log });
  const revocations = createRevocations(records, config, now);
  const s3CredentialsOf = environment.s3Endpoint ? undefined : deriveS3Credentials(secrets.s3KeySecret);

  const {
    endpoint,
    events,
    stop: stopStore,
  } = environment.s3Endpoint
    ? { endpoint: environment.s3Endpoint, events: undefined, stop: async () => {} }
    : await startEmbeddedStore(environment, config, tls, {
        credentials,
        callerOf:
          s3CredentialsOf &&
          s3Callers({
            keys,
            credentialsOf: s3CredentialsOf,
            isRevoked: revocations.isRevoked,
            writesOf: s3Writes({ config, flags: flags.current, usage: () => usage, log, now }),
            now,
          }),
        corsOrigins,
        log,
      });
  const publicEndpoint = environment.s3PublicEndpoint ?? endpoint;
  const identity = environment.s3Endpoint ? undefined : tls?.identity;
  const storage = createStorage({
    endpoint,
    publicEndpoint,
    region,
    credentials,
    identity,
    maxLifetimeSeconds: () => flags.current().maxUrlLifetimeSeconds,
    now,
  });
  const usage = createUsage({ config, storage, records, now });
  const webhookTargets = { allowLoopback: environment.webhookAllowLoopback };
  const workers = await startWorkers({
    config,
    storage,
    records,
    dataDir,
    events,
    webhookTargets,
    lanes: environment.recordsTable ? recordLanes({ records, now }) : processLanes(),
    scanner: scannerOf(environment, config),
    own,
    log,
    now,
  });
  const seal = createSeal(secrets.signing, now);
  const auditLog = openAuditLog(environment.auditLog);
  const audit = createAudit(auditLog.append, now);
  const stopWatching = watchFiles({
    paths: [secrets.path],
    contents: [readFileSync(secrets.path, 'utf8')],
    everySeconds: keyReloadSeconds,
    onChange: ([text = '']) => {
      seal.use(signingKeysIn(text));
      audit.write([{ action: 'take up signing keys', decision: 'allowed' }]);
      log('info', 'The signing keys were read again');
    },
    onError: (error) => log('error', 'The signing keys cannot be read again; the old ones stay', { error }),
  });
  const server = createNodeServer(
    createApp({
      config,
      flags: flags.current,
      storage,
      records,
      keys,
      revocations,
      s3CredentialsOf,
      rateLimits: createRateLimits(config, { shared: environment.recordsTable && { records, log } }),
      deliveries: workers.deliveries,
      notifications: environment.s3Endpoint && createNotifications(workers.objectEvents),
      webhookTargets,
      secrets: { seal, rootKeySha256: secrets.rootKeySha256 },
      log,
      audit,
      pages,
      now,
    }),
    tls?.createServer,
  );
  const port = await listen(server, apiPort, host);
  const stopMaintenance = startMaintenance({ config, storage, records, log, now });
  const stopApplying = repeat(
    () => applyLifecycle(config, storage, log),
    lifecyclePauseSeconds,
    (error) => log('error', 'The lifecycle rules could not be applied', { error }),
  );
  const apiUrl = `${scheme}://${authority(host, port)}`;
  const configSha256 = hash('sha256', readFileSync(environment.configPath));
  audit.write([{ action: 'start', decision: 'allowed', target: { configSha256 } }]);
  consoleOrigins.push(apiUrl, `${scheme}://localhost:${port}`);

  return {
    apiUrl,
    s3Url: publicEndpoint.origin,
    ...(secrets.newRootKey !== undefined && { newRootKey: secrets.newRootKey }),
    stop: async () => {
      await drain(server, drainSeconds);
      await stopMaintenance();
      await stopApplying();
      await workers.stop();
      storage.close();
      await records.close();
      await stopStore();
      tls?.close();
      stopWatching();
      auditLog.close();
      flags.close();
    },
  };
}

/** @throws {@link ConfigError} where a bucket asks for a scanner and there is none: nothing may pass unseen */
function scannerOf({ clamd: address }: StandaloneEnvironment, config: Config): Scanner | undefined {
  if (address) return clamd(address);
  const asking = Object.entries(config.buckets).flatMap(([name, { inspect }]) =>
    inspect.includes('malware') ? [name] : [],
  );
  if (asking.length === 0) return undefined;
  throw new ConfigError('The environment', [
    `STOWAGE_CLAMD must be set: malware is looked for in ${asking.join(', ')}`,
  ]);
}

async function startEmbeddedStore(
  environment: StandaloneEnvironment,
  config: Config,
  tls: Tls | undefined,
  options: Pick<EmbeddedStoreOptions, 'credentials' | 'callerOf' | 'corsOrigins' | 'log'>,
): Promise<{ endpoint: Endpoint; events: EventLog; stop: () => Promise<void> }> {
  const { host, s3Port, s3Domains, region, dataDir, masterKey, lifecycleDaySeconds } = environment;
  const buckets = Object.entries(config.buckets).map(([name, { versioning }]) => ({ name, versioning }));
  const createServer = tls?.createServer;
  const store = await openEmbeddedStore({
    ...options,
    dataDir,
    region,
    buckets,
    addressing: { domains: s3Domains, trustedProxyHops: config.access.trustedProxyHops },
    masterKey: masterKey && readMasterKey(masterKey),
    createServer,
    lifecycleDaySeconds,
  });
  const port = await listen(store.server, s3Port, host);
  return {
    endpoint: customEndpoint(`${tls ? 'https' : 'http'}://${authority(host, port)}`),
    events: store.events,
    stop: () => store.close(),
  };
}

/** An address that one can call: a server that listens everywhere is reached on loopback. */
function authority(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `127.0.0.1:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
