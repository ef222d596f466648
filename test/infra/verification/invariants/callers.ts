import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { dig, everyText, listAt } from '../dig.ts';
import { placeOf } from '../finding.ts';
import { ownArn, resourceStatements } from '../iam/resource-policies.ts';
import { decide } from '../iam/simulate.ts';
import { propertiesOf } from '../resolve.ts';
import type { Complaint } from './invariant.ts';

/** A service of AWS that calls a resource by itself: no role of ours lets it, the resource's own policy must. */
interface Caller {
  readonly placed: Placed;
  readonly service: string;
  readonly action: string;
  readonly target: string;
  readonly sourceArn: string;
}

/** Whoever is wired to call something may do so: a missing permission makes no noise, events just never arrive. */
export async function unheardCallers(cloud: Cloud): Promise<Complaint[]> {
  const statements = resourceStatements(cloud);
  const unheard: Complaint[] = [];
  for (const { placed, service, action, target, sourceArn } of callers(cloud)) {
    // A topic without a policy of its own takes the alarms of its account.
    if (service === 'cloudwatch.amazonaws.com' && !statements.has(target)) continue;
    const decision = await decide(
      {
        principal: service,
        action,
        resource: target,
        account: placed.stack.account,
        context: { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': placed.stack.account },
      },
      { ofResource: statements.get(target) ?? [] },
    );
    if (decision !== 'Allowed') {
      unheard.push({ at: placeOf(placed), message: `${service} may not ${action} on ${target}` });
    }
  }
  return unheard;
}

function callers(cloud: Cloud): Caller[] {
  return resourcesOf(cloud).flatMap((placed): Caller[] => {
    const properties = propertiesOf(placed, cloud);
    const { region, account } = placed.stack;
    switch (placed.resource.Type) {
      case 'AWS::ApiGatewayV2::Integration':
        return targets(placed, properties['IntegrationUri'], {
          service: 'apigateway.amazonaws.com',
          sourceArn: `arn:aws:execute-api:${region}:${account}:${String(properties['ApiId'])}/$default/GET`,
        });
      case 'AWS::Events::Rule':
        return listAt(properties, 'Targets')
          .filter((target) => dig(target, 'RoleArn') === undefined)
          .flatMap((target) =>
            targets(placed, [dig(target, 'Arn'), dig(target, 'DeadLetterConfig', 'Arn')], {
              service: 'events.amazonaws.com',
              sourceArn: ownArn(placed, cloud),
            }),
          );
      case 'AWS::SNS::Subscription':
        return targets(placed, properties['Endpoint'], {
          service: 'sns.amazonaws.com',
          sourceArn: String(properties['TopicArn']),
        });
      case 'AWS::CloudWatch::Alarm':
        return targets(placed, [properties['AlarmActions'], properties['OKActions']], {
          service: 'cloudwatch.amazonaws.com',
          sourceArn: ownArn(placed, cloud),
        });
      case 'AWS::SecretsManager::RotationSchedule':
        return targets(placed, properties['RotationLambdaARN'], {
          service: 'secretsmanager.amazonaws.com',
          sourceArn: String(properties['SecretId']),
        });
      default:
        return [];
    }
  });
}

const actions: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
};

/** The functions, queues and topics among the ARNs of a value. */
function targets(
  placed: Placed,
  value: unknown,
  by: { readonly service: string; readonly sourceArn: string },
): Caller[] {
  return everyText(value).flatMap((text): Caller[] => {
    // API Gateway wraps a function's ARN into an address of its own.
    const target = text.replace(/^arn:aws:apigateway:.*\/functions\/(.*)\/invocations$/, '$1');
    const action = actions[/^arn:aws:(\w+):/.exec(target)?.[1] ?? ''];
    return action === undefined ? [] : [{ placed, action, target, ...by }];
  });
}
