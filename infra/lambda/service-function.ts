import { join } from 'node:path';
import { AssetHashType, type Duration } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Config } from '../../lib/config/schema.ts';
import { bundleConsole, bundleFunction } from '../bundle.ts';
import type { Network } from '../network/network.ts';
import type { Stage } from '../stages.ts';
import { networkStatements } from './network-statements.ts';

export interface ServiceFunctionProps {
  /** The file in `functions/`, without its ending. It exports `handler`. */
  readonly entry: string;
  readonly description: string;
  readonly stage: Stage;
  readonly config: Config;
  /** A vCPU comes with every 1,769 MB. */
  readonly memoryMegabytes: number;
  readonly timeout: Duration;
  /** Instances at most. Default: the pool of the account. */
  readonly reservedConcurrency?: number;
  /** Whether the built console goes with the code. Default: it does not. */
  readonly withConsole?: boolean;
  /** Where it runs. Default: outside of any network of ours, with a way to the internet. */
  readonly network?: Network | undefined;
}

/** Something that a function uses: the name under which its code finds it, and the rights to use it. */
export interface Connection {
  /** Environment variable. */
  readonly name: string;
  readonly value: string;
  readonly grants: readonly PolicyStatement[];
}

/** A function of the service. What it may do beyond writing its logs and traces, {@link ServiceFunction.connect} says. */
export class ServiceFunction extends LambdaFunction {
  readonly logs: LogGroup;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const { entry, description, stage, memoryMegabytes, timeout, reservedConcurrency, network } = props;
    // Made here, because the function would bring a role with a managed policy that reaches every log group.
    const role = new Role(scope, `${id}Role`, {
      description: `Stowage ${stage.name}: ${description}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    if (network) for (const statement of networkStatements()) role.addToPolicy(statement);
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: stage.logRetention });
    super(scope, id, {
      description,
      code: functionCode(props),
      handler: `${entry}.handler`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMegabytes,
      timeout,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Grants the traces, too: X-Ray knows no resources, so that statement has to say "*".
      tracing: Tracing.ACTIVE,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        STOWAGE_STAGE: stage.name,
        STOWAGE_CONFIG: '/var/task/stowage.json',
      },
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
    });
    logGroup.grantWrite(role);
    this.logs = logGroup;
    if (network) {
      const resource = this.node.defaultChild;
      if (!CfnFunction.isCfnFunction(resource)) throw new TypeError('A function is made of a CfnFunction.');
      // Not by `vpc`, which brings a managed policy that reaches every network of the account.
      resource.vpcConfig = { subnetIds: [...network.subnetIds], securityGroupIds: [network.securityGroupId] };
    }
  }

  /** Gives the code a name for something and the rights to use it, so that neither can be forgotten. */
  connect({ name, value, grants }: Connection): void {
    this.addEnvironment(name, value);
    for (const grant of grants) this.addToRolePolicy(grant);
  }
}

function functionCode({ entry, config, withConsole = false }: ServiceFunctionProps): Code {
  return Code.fromAsset(join(import.meta.dirname, '../../functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // It is by this that CDK tells one bundle from another.
      command: [JSON.stringify({ entry, config, withConsole })],
      // The type asks for an image. It is never started: bundling here succeeds or throws.
      image: Runtime.NODEJS_24_X.bundlingImage,
      local: {
        tryBundle(directory) {
          bundleFunction(entry, config, directory);
          if (withConsole) bundleConsole(join(directory, 'console'));
          return true;
        },
      },
    },
  });
}
