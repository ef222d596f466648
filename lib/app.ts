import { Hono } from 'hono';
import { cors } from 'hono/cors';
import {
  type AccessSecrets,
  authenticator,
  oidcVerification,
  requirePrincipal,
  requirePrincipalOrPassword,
  requirePrincipalOrQueryToken,
} from './access/authenticate.ts';
import { createRevocations } from './access/revocations.ts';
import { accessRoutes, signInRoutes } from './access/routes.ts';
import { confineSingleUse, createSingleUses } from './access/single-use.ts';
import type { Audit } from './audit/audit.ts';
import { auditTrail } from './audit/trail.ts';
import { refuseChanges } from './buckets/read-only.ts';
import { bucketRoutes } from './buckets/routes.ts';
import { signInOrigins } from './config/access.ts';
import type { Flags } from './config/flags.ts';
import type { Config } from './config/schema.ts';
import type { Cdn } from './downloads/cdn.ts';
import { keepsCookies } from './downloads/cdn-access.ts';
import { contentRoutes, downloadRoutes } from './downloads/routes.ts';
import { StowageError } from './errors.ts';
import { eventRoutes } from './events/routes.ts';
import type { Notifications } from './events/notification.ts';
import { notificationRoutes } from './events/notification-routes.ts';
import { healthRoutes } from './health/routes.ts';
import { cautiousAnswers } from './http/cautious-answers.ts';
import type { AppEnv } from './http/env.ts';
import { problemResponse } from './http/problem.ts';
import { requestIds } from './http/request-id.ts';
import { wellFormedUrls } from './http/well-formed-url.ts';
import { type KnownKeys, knownKeys } from './keys/known-keys.ts';
import { keyRoutes } from './keys/routes.ts';
import { lifecycleRoutes } from './lifecycle/routes.ts';
import type { S3CredentialsOf } from './keys/s3-credentials.ts';
import { objectRoutes } from './objects/routes.ts';
import { openapiRoutes } from './openapi/routes.ts';
import type { Page } from './pages/read-pages.ts';
import { pageRoutes } from './pages/routes.ts';
import type { Queue } from './queue/port.ts';
import type { RateLimits } from './rate-limits/rate-limits.ts';
import type { Records } from './records/port.ts';
import { refusalOfStorage } from './storage/refusal.ts';
import type { Storage } from './storage/storage.ts';
import type { Log } from './telemetry/log.ts';
import { uploadRoutes } from './uploads/routes.ts';
import { usageRoutes } from './usage/routes.ts';
import { createUsage } from './usage/usage.ts';
import { deliveryRoutes, webhookDeliveryRoutes } from './webhooks/delivery-routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import type { TargetRules } from './webhooks/target.ts';

/** All that the app needs of the world. */
export interface AppDeps {
  readonly config: Config;
  /** Asked for every request. Default: what the configuration says. */
  readonly flags?: () => Flags;
  readonly storage: Storage;
  readonly records: Records;
  readonly secrets: AccessSecrets;
  /** The queue of webhook deliveries. */
  readonly deliveries: Pick<Queue, 'send'>;
  /** For a storage that calls to tell of changes. Default: it brings its events by itself. */
  readonly notifications?: Notifications | undefined;
  readonly log: Log;
  /** Default: the app's own. */
  readonly keys?: KnownKeys;
  /** What API keys are to S3 tools. Default: nothing. */
  readonly s3CredentialsOf?: S3CredentialsOf | undefined;
  /** Before the buckets with a `cdn`. Default: there is none. */
  readonly cdn?: Cdn | undefined;
  /** Default: none. In AWS the API Gateway limits. */
  readonly rateLimits?: RateLimits;
  /** Where webhooks may go. Default: out on the internet only. */
  readonly webhookTargets?: TargetRules;
  /** Default: nothing is recorded. */
  readonly audit?: Audit;
  /** The built console. Default: none is served. */
  readonly pages?: readonly Page[];
  /** Default: the system clock. */
  readonly now?: () => Date;
}

/** The service as one function from request to response: the same on every host. */
export function createApp({
  config,
  flags = () => config.flags,
  storage,
  records,
  secrets,
  deliveries,
  notifications,
  log,
  cdn,
  rateLimits,
  webhookTargets: targets = { allowLoopback: false },
  audit,
  pages = [],
  s3CredentialsOf,
  now = () => new Date(),
  keys = knownKeys({ records, now, log }),
}: AppDeps): Hono<AppEnv> {
  const { issuers, clientCertificates } = config.access;
  const revocations = createRevocations(records, config, now);
  const authenticate = authenticator(secrets, {
    principalOfKey: keys.principalOf,
    isRevoked: revocations.isRevoked,
    verifyOidcToken: oidcVerification({ issuers, now, log }),
  });
  const { seal } = secrets;
  const usage = createUsage({ config, storage, records, now });
  const app = new Hono<AppEnv>();

  app.use(requestIds(), cautiousAnswers());
  if (audit) app.use(auditTrail(audit, config.access.trustedProxyHops));
  app.use('/v1/downloads/cookies', keepsCookies());
  app.use(
    '/v1/*',
    cors({
      origin: [...config.access.corsOrigins],
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowHeaders: ['authorization', 'content-type', 'x-request-id'],
      exposeHeaders: [
        'date',
        'location',
        'ratelimit-limit',
        'ratelimit-remaining',
        'ratelimit-reset',
        'retry-after',
        'x-request-id',
      ],
      maxAge: 600,
    }),
  );
  app.use(wellFormedUrls());

  app.route('/health', healthRoutes({ config, storage, records }));
  app.route('/', openapiRoutes());
  const storageOrigins = [...new Set(Object.keys(config.buckets).map(storage.originOf))];
  app.route('/', pageRoutes({ pages, storageOrigins, connectOrigins: signInOrigins(issuers) }));
  app.route('/v1', signInRoutes(issuers));

  if (rateLimits) app.use('/v1/*', rateLimits.wrongCredentials);
  const limits = rateLimits?.requests ?? [];
  const singleUses = createSingleUses(records);
  const confine = confineSingleUse();
  app.use(
    '/v1/content/*',
    requirePrincipalOrQueryToken(authenticate, clientCertificates),
    ...limits,
    confine,
  );
  app.route('/v1/content', contentRoutes({ config, storage, singleUses, now, audit }));

  // As much as happens in storage is told: it is not counted.
  app.use('/v1/notifications', requirePrincipalOrPassword(authenticate, clientCertificates), confine);
  app.route('/v1/notifications', notificationRoutes({ config, notifications }));

  app.use('/v1/*', requirePrincipal(authenticate, clientCertificates), ...limits, confine);
  app.route('/v1', accessRoutes({ seal, revocations, now }));
  app.route('/v1/keys', keyRoutes({ records, keys, revocations, s3CredentialsOf, now }));
  app.route('/v1/buckets', bucketRoutes({ config }));
  const { isRevoked } = revocations;
  app.route(
    '/v1/uploads',
    uploadRoutes({ config, flags, storage, records, usage, seal, isRevoked, singleUses, now }),
  );
  app.route('/v1/downloads', downloadRoutes({ config, flags, storage, cdn, singleUses, now }));
  for (const room of ['objects', 'versions', 'lifecycle']) {
    app.use(`/v1/${room}/:bucket/*`, refuseChanges(flags));
  }
  app.route('/v1/objects', objectRoutes({ config, storage, usage }));
  app.route('/v1/lifecycle', lifecycleRoutes({ config, storage }));
  app.route('/v1/usage', usageRoutes({ config, records, now }));
  app.route('/v1/events', eventRoutes({ config, records, now }));
  const webhooks = { config, records, deliveries, targets, now };
  app.route('/v1/webhooks', webhookRoutes(webhooks));
  app.route('/v1/webhooks', webhookDeliveryRoutes(webhooks));
  app.route('/v1/deliveries', deliveryRoutes(webhooks));

  app.notFound((c) =>
    problemResponse(c, new StowageError('not_found', `There is no ${c.req.method} ${c.req.path}.`)),
  );
  app.onError((error, c) => {
    const refusal = error instanceof StowageError ? error : refusalOfStorage(error);
    if (refusal.status >= 500) log('error', refusal.title, { requestId: c.var.requestId, error });
    return problemResponse(c, refusal);
  });
  return app;
}
