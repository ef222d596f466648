import { Hono } from 'hono';
import { authorize } from '../access/principal.ts';
import { auditTargets } from '../audit/trail.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { readOptionalJson } from '../http/input.ts';
import type { Notifications } from './notification.ts';
import { notificationCommand } from './notification-schema.ts';

export interface NotificationDeps {
  readonly config: Config;
  /** Absent where storage brings its events by itself. */
  readonly notifications: Notifications | undefined;
}

/** `/v1/notifications`: where storage of another make tells what has changed in it. */
export function notificationRoutes({ config, notifications }: NotificationDeps): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/', async (c) => {
    if (!notifications) {
      throw new StowageError(
        'notifications_not_taken',
        'The storage of this deployment tells of its changes by itself.',
      );
    }
    // Some senders name no type.
    const command = await readOptionalJson(c, notificationCommand);
    const { buckets, messages } = notifications.read(command);
    auditTargets(c, ...Array.from(buckets, (bucket) => ({ bucket })));
    for (const bucket of buckets) {
      authorize(c.var.principal, { action: 'admin', bucket, key: '' });
      rulesOf(config, bucket);
    }
    await notifications.send(messages).catch((cause: unknown) => {
      if (!(cause instanceof RangeError)) throw cause;
      throw new StowageError('body_too_large', 'One of the changes is larger than an event can be.', {
        cause,
      });
    });
    return c.body(null, 204);
  });
}
