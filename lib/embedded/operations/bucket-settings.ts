import { xmlElement, type XmlMarkup, type XmlNode } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation } from '../call.ts';
import { readCorsRules } from '../cors-rules.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { maxBucketTags, readTagDocument } from '../tags.ts';
import type { Bucket } from '../index/buckets.ts';
import { bucketOf } from './buckets.ts';

/** A document that belongs to a bucket: put, got and deleted as a whole. */
interface Setting {
  /** The query parameter that names it. */
  readonly name: string;
  readonly root: string;
  /** What is answered where there is none; absent where an empty document is. */
  readonly missing?: RefusalCode;
  /** Of the answer to a put. Default: 200. */
  readonly putStatus?: 204;
  /** @throws {@link Refusal} for what this store can't do */
  readonly check: (document: XmlNode, bucket: Bucket) => void;
}

interface SettingOperations {
  readonly get: Operation;
  readonly put: Operation;
  readonly remove: Operation;
}

function settingOperations({ name, root, missing, putStatus, check }: Setting): SettingOperations {
  return {
    get: ({ index }, call) => {
      const document = index.settings.find(bucketOf({ index }, call).id, name);
      if (document !== undefined) {
        return { status: 200, headers: { 'content-type': 'application/xml' }, body: document };
      }
      if (missing === undefined) return xmlReply(root, []);
      throw new Refusal(missing, undefined, { BucketName: call.bucket });
    },
    put: async (services, call) => {
      const { index } = services;
      bucketOf(services, call);
      const document = await readXml(services, call, readRequestedChecksum(call.headers));
      if (document?.name !== root) throw new Refusal('MalformedXML');
      const { body } = xmlReply(root, document.children.map(toMarkup));
      await index.commit(() => {
        const bucket = bucketOf(services, call);
        check(document, bucket);
        index.settings.put(bucket.id, name, String(body));
      });
      return { status: putStatus ?? 200 };
    },
    remove: async ({ index }, call) => {
      await index.commit(() => index.settings.remove(bucketOf({ index }, call).id, name));
      return { status: 204 };
    },
  };
}

/** An element as it was read. */
export function toMarkup({ name, text, children }: XmlNode): XmlMarkup {
  return xmlElement(name, children.length > 0 ? children.map(toMarkup) : text);
}

/** Who may call from a browser. */
export const bucketCors = settingOperations({
  name: 'cors',
  root: 'CORSConfiguration',
  missing: 'NoSuchCORSConfiguration',
  check: readCorsRules,
});

export const bucketTagging = settingOperations({
  name: 'tagging',
  root: 'Tagging',
  missing: 'NoSuchTagSet',
  putStatus: 204,
  check: (document) => readTagDocument(document, maxBucketTags),
});

/** Nobody comes in without a signature, so there is nothing that this could still forbid; it is kept for its readers. */
export const publicAccessBlock = settingOperations({
  name: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  missing: 'NoSuchPublicAccessBlockConfiguration',
  check: ({ children }) => {
    const names = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
    const isValid = children.every(
      ({ name, text }) => names.includes(name) && (text === 'true' || text === 'false'),
    );
    if (!isValid) throw new Refusal('MalformedXML');
  },
});

/** Events are recorded in any case, as Stowage itself reads them; kept for those who ask. */
export const bucketNotification = settingOperations({
  name: 'notification',
  root: 'NotificationConfiguration',
  check: ({ children }) => {
    if (children.some(({ name }) => name !== 'EventBridgeConfiguration')) {
      throw new Refusal('InvalidArgument', 'Unable to validate the following destination configurations');
    }
  },
});

/** Once a bucket has it, its versions stay: versioning cannot be suspended any more. */
export const objectLockConfiguration = settingOperations({
  name: 'object-lock',
  root: 'ObjectLockConfiguration',
  missing: 'ObjectLockConfigurationNotFoundError',
  check: (document, { versioning }) => {
    if (versioning !== 'Enabled') {
      throw new Refusal(
        'InvalidBucketState',
        'Versioning must be enabled on the bucket to apply Object Lock.',
      );
    }
    if (document.value('ObjectLockEnabled') !== 'Enabled') throw new Refusal('MalformedXML');
    const rule = document.child('Rule');
    if (rule) checkDefaultRetention(rule.child('DefaultRetention'));
  },
});

/** So that a retention ends in a year that clients can read. */
const maxPeriod = { Days: 36_500, Years: 100 } as const;

function checkDefaultRetention(retention: XmlNode | undefined): void {
  const mode = retention?.value('Mode') ?? '';
  const [period, ...others] = (['Days', 'Years'] as const).flatMap((unit) => {
    const text = retention?.value(unit);
    return text === undefined ? [] : [{ text, most: maxPeriod[unit] }];
  });
  if (!['GOVERNANCE', 'COMPLIANCE'].includes(mode) || period === undefined || others.length > 0) {
    throw new Refusal('MalformedXML');
  }
  if (!/^[1-9]\d*$/.test(period.text)) {
    throw new Refusal('InvalidArgument', 'Default retention period must be a positive integer value.');
  }
  if (Number(period.text) > period.most) {
    throw new Refusal('InvalidArgument', 'Default retention period too large.');
  }
}
