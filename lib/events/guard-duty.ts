import * as v from 'valibot';
import { optionalEtag, optionalText, time } from './fields.ts';
import type { ObjectChange, Scan } from './object-event.ts';

/**
 * What Amazon GuardDuty's Malware Protection for S3 tells of an object that it has scanned.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
 */
export const guardDutyMessage = v.object({
  'detail-type': v.literal('GuardDuty Malware Protection Object Scan Result'),
  time,
  detail: v.object({
    s3ObjectDetails: v.object({
      bucketName: v.string(),
      objectKey: v.string(),
      eTag: optionalEtag,
      versionId: optionalText,
    }),
    scanResultDetails: v.object({
      scanResultStatus: v.string(),
      threats: v.nullish(v.array(v.object({ name: v.string() }))),
    }),
  }),
});

/** Everything else is an object that could not be scanned: unsupported, out of reach, failed. */
const results: Readonly<Record<string, Scan['result']>> = {
  NO_THREATS_FOUND: 'clean',
  THREATS_FOUND: 'infected',
};

export function fromGuardDuty({ time, detail }: v.InferOutput<typeof guardDutyMessage>): ObjectChange {
  const { s3ObjectDetails: object, scanResultDetails: scan } = detail;
  return {
    type: 'object.scanned',
    time,
    bucket: object.bucketName,
    key: object.objectKey,
    versionId: object.versionId,
    etag: object.eTag,
    scan: {
      result: results[scan.scanResultStatus] ?? 'unscanned',
      threats: (scan.threats ?? []).map(({ name }) => name),
    },
  };
}
