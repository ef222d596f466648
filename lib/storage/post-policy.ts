import type { SigningContext, Target } from './presign.ts';
import { algorithm, amzDate, scopeText, signatureOf, signingKey } from './sigv4.ts';

/**
 * POST policies: a form that a browser sends straight to storage. The fields equal those of
 * `@aws-sdk/s3-presigned-post`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */

export type PolicyCondition =
  | readonly ['eq' | 'starts-with', `$${string}`, string]
  | readonly ['content-length-range', number, number]
  | Readonly<Record<string, string>>;

export interface PostForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * @param target - the bucket's address
 * @param object - the one object that the form may write
 * @param fields - the form's own fields; each becomes an exact condition
 * @param conditions - what the policy demands beside the fields
 */
export function presignPost(
  target: Target,
  object: { readonly bucket: string; readonly key: string },
  fields: Readonly<Record<string, string>>,
  conditions: readonly PolicyCondition[],
  { credentials, region, time, expiresInSeconds }: SigningContext,
): PostForm {
  const stamp = amzDate(time);
  const scope = { date: stamp.slice(0, 8), region, service: 's3' };
  const allFields: Record<string, string> = {
    ...fields,
    bucket: object.bucket,
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scopeText(scope)}`,
    'X-Amz-Date': stamp,
    ...(credentials.sessionToken !== undefined && { 'X-Amz-Security-Token': credentials.sessionToken }),
    key: object.key,
  };
  const expiration = new Date(time.getTime() + expiresInSeconds * 1000);
  const policy = Buffer.from(
    JSON.stringify({
      expiration: `${expiration.toISOString().slice(0, 19)}Z`,
      conditions: [...conditions, ...Object.entries(allFields).map(([name, value]) => ({ [name]: value }))],
    }),
  ).toString('base64');
  return {
    url: `${target.origin}${target.path}`,
    fields: {
      ...allFields,
      Policy: policy,
      'X-Amz-Signature': signatureOf(signingKey(credentials, scope), policy),
    },
  };
}
