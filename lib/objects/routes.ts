import { Hono } from 'hono';
import { refusalOf } from '../access/grants.ts';
import { isReserved, objectKey, objectPath } from '../access/object-key.ts';
import { authorize } from '../access/principal.ts';
import { auditTargets } from '../audit/trail.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { check, readJson, readQuery } from '../http/input.ts';
import { S3Error } from '../storage/errors.ts';
import type { Storage } from '../storage/storage.ts';
import { withoutOwn } from '../uploads/own-metadata.ts';
import type { Usage } from '../usage/usage.ts';
import { deleteObjects } from './delete.ts';
import { restoreObjects } from './restore.ts';
import { deleteCommand, listQuery, restoreCommand, versionQuery } from './schema.ts';

export interface ObjectDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly usage: Usage;
}

/** `/v1/objects`: list, look at one, delete one or many. */
export function objectRoutes(deps: ObjectDeps): Hono<AppEnv> {
  const { config, storage, usage } = deps;
  return new Hono<AppEnv>()
    .get('/:bucket', async (c) => {
      const bucket = c.req.param('bucket');
      const { prefix, delimiter, limit, cursor } = readQuery(c, listQuery);
      authorize(c.var.principal, { action: 'list', bucket, key: prefix });
      rulesOf(config, bucket);
      const page = await storage
        .list(bucket, { prefix, delimiter, limit, continuation: cursor && decodeCursor(cursor) })
        .catch((error: unknown) => {
          if (cursor === undefined || !(error instanceof S3Error) || error.status !== 400) throw error;
          throw new StowageError('invalid_cursor', 'Storage does not know the cursor.', { cause: error });
        });
      const { objects, prefixes, continuation } = page;
      const isShown = (key: string) =>
        !isReserved(key) || !refusalOf(c.var.principal.grants, { action: 'list', bucket, key });
      return c.json({
        objects: objects.filter(({ key }) => isShown(key)),
        prefixes: prefixes.filter(isShown),
        ...(continuation !== undefined && { cursor: encodeCursor(continuation) }),
      });
    })

    .post('/:bucket/delete', async (c) => {
      const { keys } = await readJson(c, deleteCommand);
      const bucket = c.req.param('bucket');
      const results = await deleteObjects(deps, c.var.principal, bucket, keys);
      auditTargets(
        c,
        ...results.map((result) => ({
          bucket,
          key: result.key,
          rule: 'error' in result ? result.error.code : undefined,
        })),
      );
      return c.json({ results });
    })

    .post('/:bucket/restore', async (c) => {
      const command = await readJson(c, restoreCommand);
      const results = await restoreObjects(deps, c.var.principal, c.req.param('bucket'), command);
      return c.json({ results });
    })

    .get(objectPath, async (c) => {
      const bucket = c.req.param('bucket');
      const key = check(c.req.param('key'), objectKey);
      const { versionId } = readQuery(c, versionQuery);
      authorize(c.var.principal, { action: 'read', bucket, key });
      rulesOf(config, bucket);
      const { metadata, ...head } = await storage
        .head({ bucket, key, versionId })
        .catch(refusalOfVersion(versionId));
      return c.json({ bucket, key, ...head, metadata: withoutOwn(metadata) });
    })

    .delete(objectPath, async (c) => {
      const bucket = c.req.param('bucket');
      const key = check(c.req.param('key'), objectKey);
      const { versionId } = readQuery(c, versionQuery);
      auditTargets(c, { bucket, key, versionId });
      authorize(c.var.principal, { action: 'delete', bucket, key });
      rulesOf(config, bucket);
      const counted = await usage.counted(bucket, [{ key, versionId }]);
      await storage.delete({ bucket, key, versionId }).catch(refusalOfVersion(versionId));
      await usage.forget(bucket, counted);
      return c.body(null, 204);
    });
}

/** Storage alone knows what a version id looks like: one that it cannot read (400) names no version. */
function refusalOfVersion(versionId: string | undefined): (error: unknown) => never {
  return (error) => {
    if (versionId === undefined || !(error instanceof S3Error) || error.status !== 400) throw error;
    throw new StowageError('object_not_found', 'Storage has no such version of the object.', {
      cause: error,
    });
  };
}

/** Storage's own continuation token, wrapped so that nobody reads a meaning into it. */
function encodeCursor(continuation: string): string {
  return Buffer.from(continuation).toString('base64url');
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}
