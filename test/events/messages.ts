/** Messages as storage sends them, with what a test wants otherwise. */

export function eventBridge(detailType: string, object: object = {}, detail: object = {}): string {
  return JSON.stringify({
    version: '0',
    id: '5f4c0d3e-3f0a-4b0e-9d6a-0c9b2a7d1e11',
    'detail-type': detailType,
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-11-23T12:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:aws:s3:::files-1a2b'],
    detail: {
      version: '0',
      'event-version': '1.1',
      bucket: { name: 'files-1a2b' },
      object: { key: 'a/ä + b.txt', ...object },
      'request-id': 'REQ1',
      requester: '111122223333',
      'source-ip-address': '192.0.2.1',
      ...detail,
    },
  });
}

export function s3Record(eventName: string, object: object = {}, record: object = {}): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventTime: '2026-11-23T12:00:00.123Z',
    eventName,
    userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
    requestParameters: { sourceIPAddress: '192.0.2.1' },
    responseElements: { 'x-amz-request-id': 'REQ1', 'x-amz-id-2': 'host' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'stowage',
      bucket: { name: 'files', ownerIdentity: { principalId: 'owner' }, arn: 'arn:aws:s3:::files' },
      object: { key: 'key', ...object },
    },
    ...record,
  };
}

export function notification(...records: readonly object[]): string {
  return JSON.stringify({ Records: records });
}
