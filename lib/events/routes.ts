import { Hono } from 'hono';
import { refusalOf } from '../access/grants.ts';
import { isReserved } from '../access/object-key.ts';
import { authorize } from '../access/principal.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { readQuery } from '../http/input.ts';
import type { Records } from '../records/port.ts';
import { type FedEvent, keptSeconds, positionAt, readFeed } from './feed.ts';
import { eventsQuery } from './schema.ts';

export interface EventRouteDeps {
  readonly config: Config;
  readonly records: Records;
  readonly now: () => Date;
}

/**
 * `GET /v1/events`: what happens to the objects of a bucket, as it happens, and what has happened in the last hour. Takes
 * `list`, and tells of no key that a listing would not show.
 */
export function eventRoutes({ config, records, now }: EventRouteDeps): Hono<AppEnv> {
  return new Hono<AppEnv>().get('/', async (c) => {
    const { bucket, prefix, after, sinceSeconds, limit } = readQuery(c, eventsQuery);
    const { grants } = c.var.principal;
    authorize(c.var.principal, { action: 'list', bucket, key: prefix });
    rulesOf(config, bucket);
    const time = now();
    const isWanted = ({ data: { key } }: FedEvent) =>
      key.startsWith(prefix) && (!isReserved(key) || !refusalOf(grants, { action: 'list', bucket, key }));
    const begin = after === undefined ? positionAt(time, sinceSeconds) : decodeCursor(after, time);
    const page = await readFeed(records, { bucket, isWanted, after: begin, limit }, time);
    const { events, position, isMore } = page;
    return c.json({ events, cursor: encodeCursor(position), isMore });
  });
}

function encodeCursor(position: string): string {
  return Buffer.from(position).toString('base64url');
}

const positionForm = /^\d{13}( evt_[\w-]+)?$/;

/** @throws {@link StowageError} `invalid_cursor` */
function decodeCursor(cursor: string, now: Date): string {
  const position = Buffer.from(cursor, 'base64url').toString();
  if (!positionForm.test(position)) {
    throw new StowageError('invalid_cursor', 'The cursor is none of this service.');
  }
  if (position >= positionAt(now, keptSeconds)) return position;
  throw new StowageError(
    'invalid_cursor',
    'The cursor is more than an hour old, and what came behind it is forgotten in part.',
  );
}
