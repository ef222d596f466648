import { type Context, Hono } from 'hono';
import { lineageFor } from '../access/lineage.ts';
import { authorize, lifetimeWithinRights } from '../access/principal.ts';
import { isOwnUse } from '../access/single-use.ts';
import { auditTargets } from '../audit/trail.ts';
import { demandWritable } from '../buckets/read-only.ts';
import { rulesOf } from '../buckets/rules.ts';
import { StowageError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { readJson, readOptionalJson, readQuery } from '../http/input.ts';
import { S3Error } from '../storage/errors.ts';
import { countedTenant } from '../usage/quotas.ts';
import { completeUpload } from './complete.ts';
import { issueUpload, signParts, type UploadDeps } from './issue.ts';
import { standingObject } from './received.ts';
import { completeCommand, partsCommandFor, uploadCommand, uploadsQuery } from './schema.ts';
import { openSession, sealSession, type UploadSession } from './session.ts';
import { uploadStatus } from './status.ts';
import { rememberAbort } from './unwanted.ts';

/** `/v1/uploads`: begin, look, sign parts, complete, abort. */
export function uploadRoutes(deps: UploadDeps): Hono<AppEnv> {
  const { config, flags, storage, records, usage, seal, isRevoked, singleUses, now } = deps;

  /** The session behind the id in the path, for a caller that may (still) write there what was announced. */
  async function sessionOf(c: Context<AppEnv, '/:uploadId'>) {
    const opened = openSession(seal, c.req.param('uploadId'), c.var.principal);
    const { bucket, key, lineage } = opened.session;
    if (c.req.method !== 'GET') auditTargets(c, { bucket, key });
    authorize(c.var.principal, { action: 'write', ...opened.session });
    if (!isOwnUse(c.var.principal, lineage)) {
      throw new StowageError('access_denied', 'A single-use token goes on with its own upload alone.');
    }
    if (await isRevoked(lineage)) {
      throw new StowageError(
        'credentials_revoked',
        'The rights that the upload was begun with were revoked.',
      );
    }
    return opened;
  }

  return new Hono<AppEnv>()
    .post('/', async (c) => {
      const command = await readJson(c, uploadCommand);
      auditTargets(c, { bucket: command.bucket, key: command.key });
      const { principal } = c.var;
      return c.json(await singleUses.spend(principal, () => issueUpload(deps, principal, command)), 201);
    })

    .get('/', async (c) => {
      const { bucket, prefix } = readQuery(c, uploadsQuery);
      authorize(c.var.principal, { action: 'list', bucket, key: prefix });
      const { abandonedUploadDays } = rulesOf(config, bucket);
      const { tenant } = c.var.principal;
      const lineage = lineageFor(c.var.principal, now());
      const found = await storage.listMultipartUploads(bucket, prefix);
      const expiresAt = new Date(now().getTime() + abandonedUploadDays * 86_400_000);
      const uploads = found.map(({ key, storageUploadId, initiatedAt }) => ({
        uploadId: sealSession(
          seal,
          { method: 'found', tenant, lineage, bucket, key, storageUploadId },
          expiresAt,
        ),
        bucket,
        key,
        initiatedAt,
      }));
      return c.json({ uploads });
    })

    .get('/:uploadId', async (c) => {
      const { session, resumableUntil } = await sessionOf(c);
      const status = await uploadStatus(storage, session);
      return c.json({ uploadId: c.req.param('uploadId'), ...status, resumableUntil });
    })

    .post('/:uploadId/parts', async (c) => {
      const { session } = await sessionOf(c);
      if (session.method !== 'multipart') {
        throw new StowageError(
          'upload_not_resumable',
          'Only a multipart upload that its creator began has parts to sign.',
        );
      }
      demandWritable(flags(), session.bucket);
      const { partNumbers, expiresInSeconds } = await readJson(c, partsCommandFor(session.partCount));
      const { bucket, key } = session;
      auditTargets(c, { bucket, key, count: partNumbers.length });
      const wantedSeconds = expiresInSeconds ?? config.limits.urlLifetimeSeconds;
      const lifetimeSeconds = lifetimeWithinRights(c.var.principal, wantedSeconds, now());
      return c.json({ parts: signParts(storage, session, partNumbers, lifetimeSeconds).parts });
    })

    .post('/:uploadId/complete', async (c) => {
      const { session } = await sessionOf(c);
      const { parts } = await readOptionalJson(c, completeCommand);
      // Only an upload in parts becomes an object by this; another one is there already, or not.
      if (session.method === 'multipart') demandWritable(flags(), session.bucket);
      const completed = await completeUpload(storage, session, parts);
      await settle(session);
      return c.json(completed);
    })

    .delete('/:uploadId', async (c) => {
      const { session } = await sessionOf(c);
      if ('storageUploadId' in session) await abort(session);
      // An address that was signed for it works on. What has arrived by it already stays.
      else if (!(await standingObject(storage, session))?.isOurs)
        await rememberAbort(records, session.marker);
      await settle(session);
      return c.body(null, 204);
    });

  /** What a listing found does not know its marker: its room, if it took any, is given back when its time is over. */
  async function settle(session: UploadSession): Promise<void> {
    if (session.method !== 'found') await usage.settle({ ...session, tenant: countedTenant(session) });
  }

  /** Idempotent: an upload that is gone needs no abort. */
  async function abort(upload: { bucket: string; key: string; storageUploadId: string }): Promise<void> {
    try {
      await storage.abortMultipartUpload(upload);
    } catch (error) {
      if (!(error instanceof S3Error && error.code === 'NoSuchUpload')) throw error;
    }
  }
}
