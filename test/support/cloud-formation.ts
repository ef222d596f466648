import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/hosts/node.ts';
import type { CustomResourceEvent } from '../../lib/hosts/custom-resource.ts';

/** A stand-in for CloudFormation, which waits at an address for the answer of a custom resource. */
export interface CloudFormation {
  /** What it calls the function of a new resource with. */
  readonly creating: (properties?: Readonly<Record<string, unknown>>) => CustomResourceEvent;
  /** The last answer that came. */
  readonly answer: () => unknown;
  readonly close: () => Promise<void>;
}

export async function startCloudFormation(): Promise<CloudFormation> {
  let answer = '{}';
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      answer = body;
      return response.end();
    });
  });
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}/`;
  return {
    creating: (properties = {}) => ({
      RequestType: 'Create',
      ResponseURL: url,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Resource',
      ResourceProperties: {
        ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:it',
        ...properties,
      },
    }),
    answer: () => JSON.parse(answer),
    close: () => drain(server, 1),
  };
}
