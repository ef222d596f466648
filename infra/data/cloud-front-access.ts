import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * CloudFront fetches as itself, not as the caller, so that the bucket and its key have to let it in. The distribution
 * stands on the bucket and its id can't be known here: any distribution of this account, then.
 */
const distributionsOfThisAccount = {
  StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
  ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/*` },
};

/** To fetch, not to list: `/` would show everything. */
export function letCloudFrontFetch(bucket: Bucket): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects('*')],
      conditions: distributionsOfThisAccount,
    }),
  );
}

export function letCloudFrontDecrypt(encryptionKey: Key): void {
  encryptionKey.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['kms:Decrypt'],
      // In a key's policy: this key.
      resources: ['*'],
      conditions: distributionsOfThisAccount,
    }),
  );
}
