import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Stowage } from '../stowage.ts';

/** An app that has a stack of its own, and wants to keep its users' photographs. */
export class PhotoStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { terminationProtection: true });
    const storage = new Stowage(this, 'Storage', {
      config: {
        buckets: {
          originals: { contentTypes: ['image/*'], maxObjectBytes: 50 * 2 ** 20, versioning: true },
          thumbnails: { contentTypes: ['image/webp'], lifecycle: [{ expireAfterDays: 90 }] },
        },
        access: { corsOrigins: ['https://photos.example.com'] },
      },
      throttle: { requestsPerSecond: 200, burstRequests: 400 },
      backup: true,
    });
    new CfnOutput(this, 'StorageUrl', { value: storage.url });
    new CfnOutput(this, 'StorageRootKey', { value: storage.rootKeySecretArn });
  }
}

if (import.meta.main) new PhotoStack(new App(), 'Photos');
