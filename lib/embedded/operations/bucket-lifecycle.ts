import { randomBytes } from 'node:crypto';
import { InvalidLifecycle, MalformedLifecycle, readLifecycle } from '../../lifecycle/read-lifecycle.ts';
import { XmlNode } from '../../storage/xml.ts';
import { readRequestedChecksum } from '../body/checksums.ts';
import { readXml } from '../body/read-xml.ts';
import type { Operation } from '../call.ts';
import { settingNames, smallObjectPolicies } from '../lifecycle/bucket-rules.ts';
import { invalidArgument, Refusal } from '../refusal.ts';
import { xmlReply } from '../respond.ts';
import { toMarkup } from './bucket-settings.ts';
import { bucketOf } from './buckets.ts';

const policyHeader = 'x-amz-transition-default-minimum-object-size';
const [defaultPolicy] = smallObjectPolicies;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html */
export const getBucketLifecycle: Operation = (services, call) => {
  const { settings } = services.index;
  const { id } = bucketOf(services, call);
  const body = settings.find(id, settingNames.rules);
  if (body === undefined) {
    throw new Refusal('NoSuchLifecycleConfiguration', undefined, { BucketName: call.bucket });
  }
  const policy = settings.find(id, settingNames.smallObjects) ?? defaultPolicy;
  return { status: 200, headers: { 'content-type': 'application/xml', [policyHeader]: policy }, body };
};

/** Keeps the document as it came, but for rules without an id, which get one. */
export const putBucketLifecycle: Operation = async (services, call) => {
  const { index } = services;
  bucketOf(services, call);
  const policy = call.headers.get(policyHeader) ?? defaultPolicy;
  if (!smallObjectPolicies.some((name) => name === policy)) {
    throw invalidArgument(policyHeader, policy, 'Invalid value for the default minimum object size.');
  }
  const document = await readXml(services, call, readRequestedChecksum(call.headers));
  if (!document) throw new Refusal('MalformedXML');
  check(document);
  const { body } = xmlReply('LifecycleConfiguration', document.children.map(withRuleId).map(toMarkup));
  await index.commit(() => {
    const { id } = bucketOf(services, call);
    index.settings.put(id, settingNames.rules, String(body));
    index.settings.put(id, settingNames.smallObjects, policy);
  });
  return { status: 200, headers: { [policyHeader]: policy } };
};

export const deleteBucketLifecycle: Operation = async (services, call) => {
  const { index } = services;
  await index.commit(() => {
    const { id } = bucketOf(services, call);
    index.settings.remove(id, settingNames.rules);
    index.settings.remove(id, settingNames.smallObjects);
  });
  return { status: 204 };
};

function check(document: XmlNode): void {
  try {
    readLifecycle(document);
  } catch (error) {
    if (error instanceof MalformedLifecycle) throw new Refusal('MalformedXML');
    if (error instanceof InvalidLifecycle) throw new Refusal(error.code, error.message);
    throw error;
  }
}

function withRuleId(rule: XmlNode): XmlNode {
  if (rule.value('ID')) return rule;
  const others = rule.children.filter(({ name }) => name !== 'ID');
  return new XmlNode(rule.name, '', [
    new XmlNode('ID', randomBytes(18).toString('base64url'), []),
    ...others,
  ]);
}
