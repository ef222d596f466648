import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { everyText } from '../dig.ts';
import { referenceTo } from '../names.ts';
import { oncePerCloud } from '../once-per-cloud.ts';
import { propertiesOf } from '../resolve.ts';
import { ownArn } from './resource-policies.ts';

/** The resources that an environment variable points to: by an ARN, a name or an address, or by a JSON text of such. */
export function arnsNamedBy(value: unknown, cloud: Cloud): string[] {
  if (typeof value !== 'string') return [];
  const names = /^[[{]/.test(value) ? everyText(JSON.parse(value)) : value.split(',');
  return names.flatMap((name) =>
    // A configuration is no resource of the cloud by itself: it is an application's, in an environment.
    name.startsWith('arn:aws:appconfig:') ? name : (byReference(cloud).get(name) ?? []),
  );
}

/** What a record calls the secret that Secrets Manager lets a function rotate: no variable names it. */
export const rotatedSecret = 'rotated-secret';

/** The secrets that a function rotates. */
export function secretsRotatedBy(lambdaFunction: Placed, cloud: Cloud): string[] {
  const arn = ownArn(lambdaFunction, cloud);
  return resourcesOf(cloud, 'AWS::SecretsManager::RotationSchedule')
    .map((schedule) => propertiesOf(schedule, cloud))
    .filter(({ RotationLambdaARN }) => RotationLambdaARN === arn)
    .map(({ SecretId }) => String(SecretId));
}

/** ARNs by what a variable can hold: the ARN itself, and what `Ref` gives. */
const byReference = oncePerCloud((cloud): ReadonlyMap<string, string> => {
  const named =
    /^AWS::(?:S3::Bucket|SecretsManager::Secret|SQS::Queue|SNS::Topic|DynamoDB::\w*Table|CloudFront::Distribution)$/;
  return new Map(
    resourcesOf(cloud)
      .filter(({ resource }) => named.test(resource.Type))
      .flatMap((placed) => {
        const properties = propertiesOf(placed, cloud);
        const arn = ownArn(placed, cloud);
        return [
          [arn, arn],
          [referenceTo(placed, (name) => properties[name]), arn],
        ] as const;
      }),
  );
});
