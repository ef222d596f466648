import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

/** What AWS itself says of its resources, metrics and events. */

const spec = loadAwsServiceSpecSync();
const resources = new Map(spec.all('resource').map((resource) => [resource.cloudFormationType, resource]));

/** Whether a resource of the type holds data. */
export function isStateful(type: string): boolean {
  return resources.get(type)?.isStateful === true;
}

/** `arn:${Partition}:s3:::${BucketName}` */
export function arnPattern(type: string): string | undefined {
  return resources.get(type)?.arnTemplate;
}

/** The properties that make a resource's name; for many types the first is what `Ref` gives. */
export function primaryIdentifier(type: string): readonly string[] {
  const resource = resources.get(type);
  return resource?.cfnRefIdentifier ?? resource?.primaryIdentifier ?? [];
}

export const metrics: ReadonlySet<string> = new Set(
  spec.all('metric').map(({ namespace, name }) => `${namespace} ${name}`),
);

export const eventTypes: ReadonlySet<string> = new Set(
  spec.all('event').map(({ source, detailType }) => `${source} ${detailType}`),
);
