import { xmlElement } from '../../storage/xml.ts';
import { type ObjectAttributes, readAttributes } from '../attributes.ts';
import type { Authority } from '../auth/authenticate.ts';
import { admit } from '../auth/authorize.ts';
import { type FileLimits, verifyForm } from '../auth/post-policy.ts';
import type { ByteSink } from '../body/byte-sink.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { type Form, openForm } from '../body/form-data.ts';
import { parseDocument } from '../body/read-xml.ts';
import { takeIn } from '../body/receive.ts';
import { createVerifier } from '../body/verify.ts';
import type { Call, Reply, Services } from '../call.ts';
import { wantsMd5 } from '../etag.ts';
import { causeOf } from '../events.ts';
import { expirationHeader } from '../lifecycle/announce.ts';
import { checkKey } from '../read-call.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { newEncryptionHeader } from '../server-side-encryption.ts';
import { maxObjectTags, readTagDocument } from '../tags.ts';
import { versionHeader } from '../versions.ts';
import { checkWishes } from '../wishes.ts';
import { maxBodyBytes, writeObject } from './write-object.ts';

/** Whether a request is a browser's form, which carries its signature inside. */
export function isForm({ method, key, headers }: Call): boolean {
  return (
    method === 'POST' && key === '' && /^multipart\/form-data\b/i.test(headers.get('content-type') ?? '')
  );
}

/**
 * Stores the file of a form, as far as the form's signed policy allows.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export async function postObject(services: Services, call: Call, authority: Authority): Promise<Reply> {
  const expectedBytes = Number(call.headers.get('content-length'));
  if (!call.headers.has('content-length')) throw new Refusal('MissingContentLength');
  const form = await openForm(call.body(), call.headers.get('content-type') ?? '');
  const fields = withFilename(form);
  const key = fields.get('key') ?? '';
  const { accessKeyId, rights, limits } = await verifyForm(fields, call.bucket, authority);
  if (key === '') throw invalidArgument('key', '', 'User key must have a length greater than 0.');
  checkKey(key);
  admit({ ...call, ...rights, key, headers: fields }, 'write');
  checkWishes(services, { method: 'POST', headers: fields });
  const attributes = readFormAttributes(fields);
  const requested = readRequestedChecksum(fields);

  const verifier = createVerifier(
    { headers: fields, payload: { kind: 'unsigned' } },
    { md5: wantsMd5(expectedBytes), requested },
    services.intake.hashing,
  );
  const cause = causeOf(call, accessKeyId, 'POST Object');
  const { bucket, version } = await writeObject(
    services,
    call,
    { key, attributes, conditions: fields, cause, rights, mostBytes: expectedBytes },
    (sink) =>
      takeIn(services.intake, verifier, sink, expectedBytes, async (bytes) => {
        const limited = limitedSink(bytes, limits);
        await form.receiveFile(limited);
        limited.end();
        return undefined;
      }),
  );
  const reply = successReply(call, fields, key, version.etag);
  return {
    ...reply,
    headers: {
      ...reply.headers,
      ...newEncryptionHeader(services),
      ...versionHeader(bucket, version),
      ...expirationHeader(services, bucket, version),
    },
  };
}

/** What vouches for the form is taken as it is. */
const signatureFields = new Set([
  'policy',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
]);

/**
 * The fields with the file's name in the place of `${filename}`. The policy is held against these, so that nobody gets
 * around it by a name. Some browsers send the path of the file: only its end counts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
function withFilename({ fields, filename }: Form): ReadonlyMap<string, string> {
  const name = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
  return new Map(
    Array.from(fields, ([field, value]) => [
      field,
      signatureFields.has(field) ? value : value.replaceAll('${filename}', () => name),
    ]),
  );
}

/** A form has the tags as a document, where other requests have a header. */
function readFormAttributes(fields: ReadonlyMap<string, string>): ObjectAttributes {
  const attributes = readAttributes(fields);
  const tagging = fields.get('tagging');
  if (tagging === undefined) return attributes;
  return { ...attributes, tags: readTagDocument(parseDocument(tagging), maxObjectTags) };
}

/** Refuses a file outside of the policy's `content-length-range`. */
function limitedSink(sink: ByteSink, { minBytes, maxBytes }: FileLimits): ByteSink & { end: () => void } {
  const most = Math.min(maxBytes, maxBodyBytes);
  let sizeBytes = 0;
  return {
    write: (bytes) => {
      sizeBytes += bytes.length;
      if (sizeBytes > most) {
        throw new Refusal('EntityTooLarge', undefined, {
          ProposedSize: String(sizeBytes),
          MaxSizeAllowed: String(most),
        });
      }
      return sink.write(bytes);
    },
    end: () => {
      if (sizeBytes >= minBytes) return;
      throw new Refusal('EntityTooSmall', undefined, {
        ProposedSize: String(sizeBytes),
        MinSizeAllowed: String(minBytes),
      });
    },
  };
}

/** The answer that the form has chosen: a redirect, or a status of 200, 201 or (the default) 204. */
function successReply(call: Call, fields: ReadonlyMap<string, string>, key: string, etag: string): Reply {
  // The form itself was sent to the bucket's address, in either style.
  const bucketUrl = call.origin + call.path.replace(/\/$/, '');
  const location = `${bucketUrl}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const redirect = URL.parse(fields.get('success_action_redirect') ?? '');
  if (redirect && /^https?:$/.test(redirect.protocol)) {
    redirect.searchParams.append('bucket', call.bucket);
    redirect.searchParams.append('key', key);
    redirect.searchParams.append('etag', `"${etag}"`);
    return { status: 303, headers: { location: redirect.href, etag: `"${etag}"` } };
  }
  const headers = { etag: `"${etag}"`, location };
  const status = fields.get('success_action_status');
  if (status === '200') return { status: 200, headers };
  if (status !== '201') return { status: 204, headers };
  const document = xmlReply(
    'PostResponse',
    [
      xmlElement('Location', location),
      xmlElement('Bucket', call.bucket),
      xmlElement('Key', key),
      xmlElement('ETag', `"${etag}"`),
    ],
    headers,
  );
  return { ...document, status: 201 };
}
