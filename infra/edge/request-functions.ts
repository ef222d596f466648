import { CfnFunction } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { viewerHostHeader } from '../../lib/config/viewer-host-header.ts';
import type { Stage } from '../stages.ts';

/** Part of what the cache knows an object by: without the bucket in its path, `a.mp4` of one would be that of another. */
export const bucketHeader = 'x-stowage-bucket';

/**
 * `/o/media/a.mp4` is the object `a.mp4` in its bucket. The signature was of the whole address, and has been checked: no
 * address may mean another one than it says, so those with `..` go no further. No key has it.
 */
export function objectPaths(scope: Construct, stage: Stage): string {
  return viewerRequest(
    scope,
    stage,
    'object-paths',
    `if (/\\/(\\.|%2e){1,2}(\\/|$)/i.test(request.uri)) return { statusCode: 400, statusDescription: 'Bad Request' };
  request.headers['${bucketHeader}'] = { value: request.uri.split('/')[2] };
  request.uri = request.uri.replace(/^\\/o\\/[^\\/]+/, '');`,
  );
}

/** `/docs` is `docs.html`; what has an ending is the file itself. */
export function consolePaths(scope: Construct, stage: Stage): string {
  return viewerRequest(
    scope,
    stage,
    'console-paths',
    `if (/\\/[^.\\/]+$/.test(request.uri)) request.uri += '.html';`,
  );
}

/** Tells the API by what name it was called, which the `Host` header does not: it has the API's own. */
export function viewerHost(scope: Construct, stage: Stage): string {
  return viewerRequest(
    scope,
    stage,
    'viewer-host',
    `request.headers['${viewerHostHeader}'] = { value: request.headers.host.value };`,
  );
}

function viewerRequest(scope: Construct, stage: Stage, name: string, statement: string): string {
  const resource = new CfnFunction(scope, name, {
    name: `stowage-${stage.name}-${name}`,
    autoPublish: true,
    functionConfig: { comment: `Stowage ${stage.name}: ${name}`, runtime: 'cloudfront-js-2.0' },
    functionCode: `function handler(event) {
  var request = event.request;
  ${statement}
  return request;
}
`,
  });
  return resource.attrFunctionArn;
}
