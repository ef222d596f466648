import { xmlDocument, xmlElement, type XmlContent, type XmlMarkup } from '../storage/xml.ts';
import type { LifecycleRule, NoncurrentVersionsRule } from './rule.ts';

/** Writes rules as S3's `LifecycleConfiguration`. */
export function writeLifecycle(rules: readonly LifecycleRule[]): string {
  return xmlDocument(
    xmlElement(
      'LifecycleConfiguration',
      rules.map((rule) => xmlElement('Rule', writeRule(rule))),
      ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"',
    ),
  );
}

function writeRule(rule: LifecycleRule): XmlContent {
  const { noncurrentVersions, abortUploadsAfterDays } = rule;
  return [
    xmlElement('ID', rule.id),
    xmlElement('Filter', writeFilter(rule)),
    xmlElement('Status', rule.enabled ? 'Enabled' : 'Disabled'),
    writeExpiration(rule),
    rule.transitions.map(({ afterDays, at, storageClass }) =>
      xmlElement('Transition', [
        xmlElement('Days', afterDays),
        xmlElement('Date', at),
        xmlElement('StorageClass', storageClass),
      ]),
    ),
    noncurrentVersions && writeNoncurrent(noncurrentVersions),
    abortUploadsAfterDays !== undefined &&
      xmlElement('AbortIncompleteMultipartUpload', [
        xmlElement('DaysAfterInitiation', abortUploadsAfterDays),
      ]),
  ].filter((element) => element !== undefined && element !== false);
}

function writeFilter({ prefix, tags, sizeGreaterThanBytes, sizeLessThanBytes }: LifecycleRule): XmlContent {
  const parts: XmlMarkup[] = Object.entries(tags).map(([name, value]) =>
    xmlElement('Tag', [xmlElement('Key', name), xmlElement('Value', value)]),
  );
  if (prefix !== '') parts.unshift(xmlElement('Prefix', prefix));
  if (sizeGreaterThanBytes !== undefined) {
    parts.push(xmlElement('ObjectSizeGreaterThan', sizeGreaterThanBytes));
  }
  if (sizeLessThanBytes !== undefined) parts.push(xmlElement('ObjectSizeLessThan', sizeLessThanBytes));
  if (parts.length === 0) return xmlElement('Prefix', '');
  return parts.length === 1 ? parts : xmlElement('And', parts);
}

function writeExpiration({
  expireAfterDays,
  expireAt,
  removeExpiredDeleteMarkers,
}: LifecycleRule): XmlMarkup | undefined {
  if (expireAfterDays !== undefined) {
    return xmlElement('Expiration', [xmlElement('Days', expireAfterDays)]);
  }
  if (expireAt !== undefined) return xmlElement('Expiration', [xmlElement('Date', expireAt)]);
  if (removeExpiredDeleteMarkers === undefined) return undefined;
  return xmlElement('Expiration', [xmlElement('ExpiredObjectDeleteMarker', removeExpiredDeleteMarkers)]);
}

function writeNoncurrent({
  expireAfterDays,
  keepNewest,
  transitions,
}: NoncurrentVersionsRule): readonly XmlMarkup[] {
  const days = (afterDays: number, newest: number | undefined) => [
    xmlElement('NoncurrentDays', afterDays),
    xmlElement('NewerNoncurrentVersions', newest),
  ];
  return [
    ...(expireAfterDays === undefined
      ? []
      : [xmlElement('NoncurrentVersionExpiration', days(expireAfterDays, keepNewest))]),
    ...transitions.map((step) =>
      xmlElement('NoncurrentVersionTransition', [
        ...days(step.afterDays, step.keepNewest),
        xmlElement('StorageClass', step.storageClass),
      ]),
    ),
  ];
}
