import { CfnOutput, Fn, type Stack } from 'aws-cdk-lib';

/**
 * A value of a stack in the home region, as a stack elsewhere can have it: CloudFormation imports within a region only,
 * and reads outputs across regions.
 *
 * @param name - of the output, where one is needed
 */
export function homeValue(reader: Stack, home: Stack, name: string, value: string): string {
  if (reader.region === home.region) return value;
  reader.addStackDependency(home);
  const output = home.node.tryFindChild(name) ?? new CfnOutput(home, name, { value });
  if (!(output instanceof CfnOutput)) throw new TypeError(`${name} is no output.`);
  return Fn.getStackOutput(home.stackName, output.logicalId, home.region);
}
