import { randomBytes } from 'node:crypto';
import { authorize, type Principal } from '../access/principal.ts';
import type { Seal } from '../access/seal.ts';
import { rulesOf } from '../buckets/rules.ts';
import type { Config } from '../config/schema.ts';
import { StowageError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { decideUpload, partSizeBytesOf } from './decide.ts';
import { formConditions, formFields, multipartHeaders, putHeaders } from './headers.ts';
import type { UploadCommand } from './schema.ts';
import { type MultipartSession, sealSession, type SingleSession } from './session.ts';

/** What the uploads room works with. */
export interface UploadDeps {
  readonly config: Config;
  readonly storage: Storage;
  readonly seal: Seal;
  readonly now: () => Date;
}

/** Addresses in the first answer; the rest are signed just in time, since they would expire unused. */
const firstPartCount = 100;

/**
 * Begins an upload: decides, signs, and answers with the addresses that the caller sends the bytes to. Storage is
 * asked for a multipart upload alone.
 *
 * @throws {@link StowageError} the refusal of `access` or of {@link decideUpload}
 */
export async function issueUpload(deps: UploadDeps, principal: Principal, command: UploadCommand) {
  const { config, storage, seal, now } = deps;
  const { bucket, key, sizeBytes, contentType, checksum, ifNoneMatch } = command;
  authorize(principal, { action: 'write', bucket, key, sizeBytes, contentType });
  const rules = rulesOf(config, bucket);
  const plan = decideUpload(command, rules);
  if ('code' in plan) throw new StowageError(plan.code, plan.detail);

  const marker = randomBytes(12).toString('base64url');
  const announced = {
    tenant: principal.tenant,
    bucket,
    key,
    sizeBytes,
    contentType,
    checksum,
    ifNoneMatch,
    marker,
  };
  const expiresInSeconds = command.expiresInSeconds ?? config.limits.urlLifetimeSeconds;
  const resumableUntil = new Date(now().getTime() + rules.abandonedUploadDays * 86_400_000);
  const begun = (session: SingleSession | MultipartSession) => ({
    uploadId: sealSession(seal, session, resumableUntil),
    bucket,
    key,
    resumableUntil,
  });

  switch (plan.method) {
    case 'put': {
      const headers = putHeaders(command, marker);
      const { url, expiresAt } = storage.signPut(command, headers, expiresInSeconds);
      return {
        method: plan.method,
        ...begun({ method: plan.method, ...announced }),
        expiresAt,
        put: { url, headers },
      };
    }
    case 'form': {
      const fields = formFields(command, marker);
      const { expiresAt, ...form } = storage.signForm(
        command,
        fields,
        formConditions(command),
        expiresInSeconds,
      );
      return { method: plan.method, ...begun({ method: plan.method, ...announced }), expiresAt, form };
    }
    case 'multipart': {
      const storageUploadId = await storage.createMultipartUpload(command, multipartHeaders(command, marker));
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
