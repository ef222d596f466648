import { CfnFunction } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

/** `/o/media/a.mp4` is the object `a.mp4` in its bucket. The signature was of the whole address, and has been checked. */
export function objectPaths(scope: Construct, stage: Stage): string {
  return viewerRequest(
    scope,
    stage,
    'object-paths',
    `request.uri = request.uri.replace(/^\\/o\\/[^\\/]+/, '');`,
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
