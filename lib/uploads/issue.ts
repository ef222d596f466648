import { type Lineage, lineageFor } from '../access/lineage.ts';
import { authorize, lifetimeWithinRights, type Principal } from '../access/principal.ts';
import type { Revocations } from '../access/revocations.ts';
import type { Seal } from '../access/seal.ts';
import type { SingleUses } from '../access/single-use.ts';
import { demandWritable } from '../buckets/read-only.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Flags } from '../config/flags.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { Records } from '../records/port.ts';
import type { Storage } from '../storage/storage.ts';
import { countedTenant } from '../usage/quotas.ts';
import { newMarker } from '../usage/reservations.ts';
import type { Usage } from '../usage/usage.ts';
import { decideUpload, partSizeBytesOf, type UploadPlan } from './decide.ts';
import { formConditions, formFields, multipartHeaders, putHeaders } from './headers.ts';
import type { UploadCommand } from './schema.ts';
import { type MultipartSession, sealSession, type SingleSession } from './session.ts';

/** What the uploads room works with. */
export interface UploadDeps {
  readonly config: Config;
  readonly flags: () => Flags;
  readonly storage: Storage;
  readonly records: Records;
  readonly usage: Usage;
  readonly seal: Seal;
  readonly isRevoked: Revocations['isRevoked'];
  readonly singleUses: SingleUses;
  readonly now: () => Date;
}

/** Addresses in the first answer; the rest are signed just in time, since they would expire unused. */
const firstPartCount = 100;

/**
 * Begins an upload: decides, takes the room that a quota demands, signs, and answers with the addresses that the caller
 * sends the bytes to. Storage is asked for a multipart upload alone, the database where there is a quota.
 *
 * @throws {@link StowageError} the refusal of `access` or of {@link decideUpload}, or `quota_exceeded`
 */
export async function issueUpload(deps: UploadDeps, principal: Principal, command: UploadCommand) {
  const { config, flags, usage, now } = deps;
  const { bucket, key, sizeBytes, contentType } = command;
  authorize(principal, { action: 'write', bucket, key, sizeBytes, contentType });
  const rules = rulesOf(config, bucket);
  demandWritable(flags(), bucket);
  const plan = decideUpload(command, rules);
  if ('code' in plan) throw new StowageError(plan.code, plan.detail);

  const wantedSeconds = command.expiresInSeconds ?? config.limits.urlLifetimeSeconds;
  const expiresInSeconds = lifetimeWithinRights(principal, wantedSeconds, now());
  const resumableUntil = new Date(now().getTime() + rules.abandonedUploadDays * 86_400_000);
  const addressesUntil = new Date(now().getTime() + expiresInSeconds * 1000);
  // Addresses of parts are of no use once the upload is gone; the one of a single request works by itself.
  const marker = newMarker(plan.method === 'multipart' ? resumableUntil : addressesUntil);
  const { tenant } = principal;
  const lineage = lineageFor(principal, now());
  const upload = { tenant: countedTenant(principal), bucket, key, marker };
  await usage.reserve({ ...upload, sizeBytes, isRepeatable: plan.method !== 'multipart' });
  try {
    return await beginUpload(deps, command, {
      plan,
      marker,
      tenant,
      lineage,
      expiresInSeconds,
      resumableUntil,
    });
  } catch (error) {
    await usage.release(upload);
    throw error;
  }
}

interface Beginning {
  readonly plan: UploadPlan;
  readonly marker: string;
  readonly tenant: string | undefined;
  readonly lineage: Lineage;
  readonly expiresInSeconds: number;
  readonly resumableUntil: Date;
}

async function beginUpload({ storage, seal }: UploadDeps, command: UploadCommand, beginning: Beginning) {
  const { plan, marker, tenant, lineage, expiresInSeconds, resumableUntil } = beginning;
  const { bucket, key, sizeBytes, contentType, checksum, ifNoneMatch } = command;
  const origin = { marker, tenant };
  const announced = { ...origin, lineage, bucket, key, sizeBytes, contentType, checksum, ifNoneMatch };
  const begun = (session: SingleSession | MultipartSession) => ({
    uploadId: sealSession(seal, session, resumableUntil),
    bucket,
    key,
    resumableUntil,
  });

  switch (plan.method) {
    case 'put': {
      const headers = putHeaders(command, origin);
      const { url, expiresAt } = storage.signPut(command, headers, expiresInSeconds);
      return {
        method: plan.method,
        ...begun({ method: plan.method, ...announced }),
        expiresAt,
        put: { url, headers },
      };
    }
    case 'form': {
      const fields = formFields(command, origin);
      const { expiresAt, ...form } = storage.signForm(
        command,
        fields,
        formConditions(command),
        expiresInSeconds,
      );
      return { method: plan.method, ...begun({ method: plan.method, ...announced }), expiresAt, form };
    }
    case 'multipart': {
      const storageUploadId = await storage.createMultipartUpload(command, multipartHeaders(command, origin));
      const session: MultipartSession = { ...plan, ...announced, storageUploadId };
      const numbers = Array.from(
        { length: Math.min(plan.partCount, firstPartCount) },
        (_, index) => index + 1,
      );
      const { parts, expiresAt } = signParts(storage, session, numbers, expiresInSeconds);
      const { method, ...division } = plan;
      return { method, ...begun(session), expiresAt, multipart: { ...division, parts } };
    }
  }
}

/** Addresses of some parts, each bound to its exact length. */
export function signParts(
  storage: Storage,
  session: MultipartSession,
  partNumbers: readonly number[],
  expiresInSeconds: number,
) {
  const { sign, expiresAt } = storage.partSigner(session, expiresInSeconds);
  const parts = partNumbers.map((partNumber) => {
    const sizeBytes = partSizeBytesOf(partNumber, session);
    return {
      partNumber,
      url: sign({ partNumber, sizeBytes }),
      headers: { 'content-length': String(sizeBytes) },
      expiresAt,
    };
  });
  return { parts, expiresAt };
}
