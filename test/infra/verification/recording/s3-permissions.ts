import type { AwsRequest, NeededPermission } from './aws-request.ts';

/**
 * The permissions that S3 asks for before it carries out a request in path style.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * @throws Error for an operation that is not known here: it is not guessed what it needs
 */
export function s3Permissions(request: AwsRequest): NeededPermission[] {
  const [, bucket = '', ...segments] = request.path.split('/').map(decodeURIComponent);
  const key = segments.join('/');
  return key === '' ? bucketPermissions(request, bucket) : objectPermissions(request, bucket, key);
}

function bucketPermissions({ method, query, body }: AwsRequest, bucket: string): NeededPermission[] {
  const resource = `arn:aws:s3:::${bucket}`;
  const operation = `${method} ${['list-type', 'uploads', 'versions', 'delete', 'lifecycle'].filter((name) => query.has(name)).join(' ')}`;
  switch (operation.trimEnd()) {
    case 'GET list-type':
      return [{ action: 's3:ListBucket', resource }];
    case 'GET versions':
      return [{ action: 's3:ListBucketVersions', resource }];
    case 'GET uploads':
      return [{ action: 's3:ListBucketMultipartUploads', resource }];
    case 'GET lifecycle':
      return [{ action: 's3:GetLifecycleConfiguration', resource }];
    case 'PUT lifecycle':
      return [{ action: 's3:PutLifecycleConfiguration', resource }];
    case 'POST delete':
      return [...body.matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key = '']) => ({
        action: 's3:DeleteObject',
        resource: `${resource}/${key}`,
      }));
    case 'POST':
      return formPermissions(body, resource);
    default:
      throw new Error(`Which permission does ${method} of a bucket with ${query} need?`);
  }
}

/** A browser's form: what it writes stands in its fields. */
function formPermissions(body: string, bucketArn: string): NeededPermission[] {
  const resource = `${bucketArn}/${fieldOf(body, 'key')}`;
  return [
    { action: 's3:PutObject', resource },
    ...(fieldOf(body, 'tagging') === '' ? [] : [{ action: 's3:PutObjectTagging', resource }]),
  ];
}

function objectPermissions(request: AwsRequest, bucket: string, key: string): NeededPermission[] {
  const { method, query, headers } = request;
  const resource = `arn:aws:s3:::${bucket}/${key}`;
  const needed = (...actions: readonly string[]) => actions.map((action) => ({ action, resource }));
  const tagging = headers['x-amz-tagging'] === undefined ? [] : ['s3:PutObjectTagging'];
  const version = query.has('versionId') ? 'Version' : '';
  const parameters = [
    'uploads',
    'uploadId',
    'partNumber',
    'acl',
    'tagging',
    'restore',
    'retention',
    'attributes',
  ];
  const operation = `${method} ${parameters.filter((name) => query.has(name)).join(' ')}`;
  switch (operation.trimEnd()) {
    case 'GET':
      return needed(`s3:GetObject${version}`);
    case 'HEAD':
      // Whoever may not list is told 403 of what is absent, and the code wants to hear 404.
      return [
        ...needed(`s3:GetObject${version}`),
        { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` },
      ];
    case 'GET tagging':
      return needed(`s3:GetObject${version}Tagging`);
    case 'PUT tagging':
      return needed(`s3:PutObject${version}Tagging`);
    case 'PUT':
      if (headers['x-amz-copy-source'] !== undefined) return copyPermissions(request, resource);
      return needed('s3:PutObject', ...tagging);
    case 'DELETE':
      return needed(`s3:DeleteObject${version}`);
    case 'POST uploads':
      return needed('s3:PutObject', ...tagging);
    case 'POST restore':
      return needed('s3:RestoreObject');
    case 'PUT uploadId partNumber':
    case 'POST uploadId':
      return needed('s3:PutObject');
    case 'GET uploadId':
      return needed('s3:ListMultipartUploadParts');
    case 'DELETE uploadId':
      return needed('s3:AbortMultipartUpload');
  }
  throw new Error(`Which permission does ${method} of an object with ${query} need?`);
}

/**
 * A copy takes its source's tags along, unless it says otherwise.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
function copyPermissions({ headers }: AwsRequest, target: string): NeededPermission[] {
  const [path = '', query] = String(headers['x-amz-copy-source']).split('?');
  const source = `arn:aws:s3:::${decodeURIComponent(path).replace(/^\//, '')}`;
  const version = query === undefined ? '' : 'Version';
  return [
    { action: `s3:GetObject${version}`, resource: source },
    { action: `s3:GetObject${version}Tagging`, resource: source },
    { action: 's3:PutObject', resource: target },
    { action: 's3:PutObjectTagging', resource: target },
  ];
}

/** A field of a multipart/form-data body. */
function fieldOf(body: string, name: string): string {
  return new RegExp(`name="${name}"\\r\\n\\r\\n(.*?)\\r\\n--`, 's').exec(body)?.[1] ?? '';
}
