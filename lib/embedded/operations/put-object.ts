import { readAttributes } from '../attributes.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { announcedBytes, receiveBody } from '../body/receive.ts';
import type { Operation } from '../call.ts';
import { wantsMd5 } from '../etag.ts';
import { causeOf } from '../events.ts';
import { expirationHeader } from '../lifecycle/announce.ts';
import { Refusal } from '../refusal.ts';
import { newEncryptionHeader } from '../server-side-encryption.ts';
import { versionHeader } from '../versions.ts';
import { checksumHeaders } from './object-headers.ts';
import { maxBodyBytes, writeObject } from './write-object.ts';

export const putObject: Operation = async (services, call) => {
  const { key, headers } = call;
  const attributes = readAttributes(headers);
  const requested = readRequestedChecksum(headers);
  const expectedBytes = announcedBytes(call);
  if (expectedBytes > maxBodyBytes) {
    throw new Refusal('EntityTooLarge', undefined, {
      ProposedSize: String(expectedBytes),
      MaxSizeAllowed: String(maxBodyBytes),
    });
  }
  const cause = causeOf(call, call.accessKeyId, 'PutObject');
  const { bucket, version } = await writeObject(
    services,
    call,
    { key, attributes, conditions: headers, cause, rights: call, expectedBytes },
    (sink) => receiveBody(services.intake, call, sink, { md5: wantsMd5(expectedBytes), requested }),
  );
  return {
    status: 200,
    headers: {
      etag: `"${version.etag}"`,
      ...newEncryptionHeader(services),
      ...checksumHeaders(version.checksum),
      ...versionHeader(bucket, version),
      ...expirationHeader(services, bucket, version),
    },
  };
};
