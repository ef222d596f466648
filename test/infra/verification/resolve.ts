import type { Cloud, DeployedStack, Placed } from './cloud.ts';
import { attributeOf, referenceTo } from './names.ts';

/**
 * What CloudFormation would make of the intrinsic functions in a value of a stack.
 *
 * @throws Error for a function, a reference or an import that is not known here, rather than leaving it unresolved
 */
export function resolve<T>(value: T, stack: DeployedStack, cloud: Cloud): T;
export function resolve(value: unknown, stack: DeployedStack, cloud: Cloud): unknown {
  const within = (inner: unknown) => resolve(inner, stack, cloud);
  if (Array.isArray(value)) return value.map(within).filter((item) => item !== noValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return evaluate(name, argument, stack, cloud);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, within(item)]).filter(([, item]) => item !== noValue),
  );
}

/** The properties of a resource, resolved. */
export function propertiesOf({ resource, stack }: Placed, cloud: Cloud): Record<string, unknown> {
  return resolve(resource.Properties ?? {}, stack, cloud);
}

const noValue = Symbol('AWS::NoValue');

function evaluate(name: string, argument: unknown, stack: DeployedStack, cloud: Cloud): unknown {
  const within = (inner: unknown) => resolve(inner, stack, cloud);
  const list = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Ref':
      return pseudoParameter(String(argument), stack) ?? reference(String(argument), stack, cloud);
    case 'Fn::GetAtt': {
      const [id, attribute] = typeof argument === 'string' ? argument.split(/\.(.*)/s) : list;
      const placed = placedAt(String(id), stack);
      return attributeOf(placed, String(within(attribute)), property(placed, cloud));
    }
    case 'Fn::ImportValue':
      return imported(within(argument), cloud);
    case 'Fn::Join': {
      const [separator, parts] = list;
      return [within(parts)].flat().join(separator);
    }
    case 'Fn::Select': {
      const [index, choices] = list;
      return [within(choices)].flat()[Number(index)];
    }
    case 'Fn::Split': {
      const [separator, text] = list;
      return String(within(text)).split(separator);
    }
    case 'Fn::Sub': {
      const [text, variables = {}] = typeof argument === 'string' ? [argument] : list;
      return String(text).replaceAll(/\$\{([^!}][^}]*)\}/g, (_, variable: string) => {
        if (variable in variables) return String(within(variables[variable]));
        const key = variable.includes('.') ? 'Fn::GetAtt' : 'Ref';
        return String(within({ [key]: variable }));
      });
    }
    case 'Fn::GetAZs':
      return ['a', 'b', 'c'].map((zone) => `${stack.region}${zone}`);
    case 'Fn::Cidr': {
      const [block, count] = list;
      return Array.from({ length: Number(count) }, (_, index) => `<${index} of ${String(within(block))}>`);
    }
    case 'Fn::Base64':
      return Buffer.from(String(within(argument))).toString('base64');
    default:
      throw new Error(`${name} of ${JSON.stringify(argument)} is not known here.`);
  }
}

function pseudoParameter(name: string, { name: stackName, region, account }: DeployedStack): unknown {
  const values: Readonly<Record<string, unknown>> = {
    'AWS::Region': region,
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/1`,
    'AWS::NoValue': noValue,
  };
  return values[name];
}

function reference(id: string, stack: DeployedStack, cloud: Cloud): unknown {
  const parameter = stack.template.Parameters?.[id];
  if (parameter) return parameter.Default;
  const placed = placedAt(id, stack);
  return referenceTo(placed, property(placed, cloud));
}

function imported(name: unknown, cloud: Cloud): unknown {
  for (const stack of cloud.stacks) {
    for (const { Value, Export } of Object.values(stack.template.Outputs ?? {})) {
      if (Export && resolve(Export.Name, stack, cloud) === name) return resolve(Value, stack, cloud);
    }
  }
  throw new Error(`Nothing exports ${String(name)}.`);
}

function placedAt(id: string, stack: DeployedStack): Placed {
  const resource = stack.template.Resources[id];
  if (!resource) throw new Error(`${stack.name} has no ${id}.`);
  return { stack, id, resource };
}

function property(placed: Placed, cloud: Cloud) {
  return (name: string): unknown => {
    const value = placed.resource.Properties?.[name];
    return value === undefined ? undefined : resolve(value, placed.stack, cloud);
  };
}
