import { App } from 'aws-cdk-lib';
import { loadConfig } from '../lib/config/load.ts';
import type { Config } from '../lib/config/schema.ts';
import { ApiStack } from './api-stack.ts';
import { DataStack } from './data-stack.ts';
import { EdgeStack } from './edge-stack.ts';
import { EventsStack } from './events-stack.ts';
import { workerEntries } from './events/workers.ts';
import { entriesWithCode } from './lambda/entries.ts';
import { NetworkStack } from './network-stack.ts';
import { OpsStack } from './ops-stack.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { ReplicaStack } from './replica-stack.ts';
import { checkStage } from './stage-check.ts';
import { type Stage, stageNamed } from './stages.ts';

/** The stacks of a stage. Those that it has no use for are absent. */
export interface StageStacks {
  readonly data: DataStack;
  readonly api: ApiStack;
  readonly replica?: ReplicaStack;
  readonly network?: NetworkStack;
  readonly events?: EventsStack;
  readonly edge?: EdgeStack;
  readonly ops?: OpsStack;
  readonly pipeline?: PipelineStack;
}

/**
 * Adds the stacks of a stage, in the order in which they stand on each other.
 *
 * @param entries - the functions that there is code for; default: what lies in `functions/`
 * @throws RangeError when the stage contradicts itself or the configuration
 */
export function addStacks(
  app: App,
  stage: Stage,
  config: Config,
  entries: ReadonlySet<string> = entriesWithCode(),
): StageStacks {
  checkStage(stage, config);
  const named = (part: string) => `Stowage-${stage.name}-${part}`;
  const replica =
    stage.replica && new ReplicaStack(app, named('Replica'), { stage, settings: stage.replica, config });
  const dataStack = new DataStack(app, named('Data'), { stage, config });
  const { data } = dataStack;
  if (replica) dataStack.addStackDependency(replica);

  const networkStack = stage.network ? new NetworkStack(app, named('Network'), { stage, data }) : undefined;
  const network = networkStack?.network;
  const api = new ApiStack(app, named('Api'), { stage, config, data, network });
  const { service } = api;

  const edge =
    stage.edge && new EdgeStack(app, named('Edge'), { stage, settings: stage.edge, config, data, service });
  const events =
    workerEntries(entries).length > 0
      ? new EventsStack(app, named('Events'), { stage, config, data, network, entries, edge: edge?.edge })
      : undefined;
  const ops =
    stage.alarmAddress === undefined
      ? undefined
      : new OpsStack(app, named('Ops'), {
          stage,
          address: stage.alarmAddress,
          config,
          data,
          service,
          workers: events?.workers.deployed ?? new Map(),
        });
  const pipeline =
    stage.deployedBy === undefined
      ? undefined
      : new PipelineStack(app, named('Pipeline'), { stage, repository: stage.deployedBy });

  return {
    data: dataStack,
    api,
    ...(replica && { replica }),
    ...(networkStack && { network: networkStack }),
    ...(events && { events }),
    ...(edge && { edge }),
    ...(ops && { ops }),
    ...(pipeline && { pipeline }),
  };
}

if (import.meta.main) {
  const app = new App();
  const name: unknown = app.node.tryGetContext('stage') ?? 'dev';
  addStacks(app, stageNamed(String(name)), loadConfig(process.env['STOWAGE_CONFIG'] ?? 'stowage.json'));
}
