import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** What is read of what CloudFormation asks. */
export type CustomResourceEvent = Pick<
  CloudFormationCustomResourceEvent,
  'RequestType' | 'ResponseURL' | 'StackId' | 'RequestId' | 'LogicalResourceId' | 'ResourceProperties'
>;

/**
 * A piece of work as a resource of CloudFormation, which waits for its end: done when the resource is made or changed.
 * Nothing is to be done when it is deleted.
 *
 * @param work - gives what `Fn::GetAtt` finds of the resource, if anything
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export function customResource(
  work: (event: CustomResourceEvent) => Promise<Readonly<Record<string, string>> | void>,
): (event: CustomResourceEvent) => Promise<void> {
  return async (event) => {
    const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId } = event;
    const outcome = await (RequestType === 'Delete' ? undefined : work(event).catch(String));
    const answer = {
      ...(typeof outcome === 'string'
        ? { Status: 'FAILED', Reason: outcome }
        : { Status: 'SUCCESS', ...(outcome && { Data: outcome }) }),
      PhysicalResourceId: LogicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
    };
    // Without a type: the address is signed for a request that has none.
    const { ok, status } = await fetch(ResponseURL, {
      method: 'PUT',
      headers: { 'content-type': '' },
      body: JSON.stringify(answer),
    });
    if (!ok) throw new Error(`CloudFormation did not take the answer: ${status}`);
  };
}
