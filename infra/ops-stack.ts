import type { Construct } from 'constructs';
import type { Config } from '../lib/config/schema.ts';
import type { Service } from './api/service.ts';
import type { StoredData } from './data/stored-data.ts';
import type { Worker } from './events/worker.ts';
import type { WorkerEntry } from './events/workers.ts';
import { AlarmTopic } from './ops/alarm-topic.ts';
import { addAlarm } from './ops/alarm.ts';
import { addBudget, addStorageLens } from './ops/cost-watch.ts';
import { addDashboard } from './ops/dashboard.ts';
import { backupAlarms, replicationAlarms, tableAlarms } from './ops/data-alarms.ts';
import { addMaintenanceFilters } from './ops/maintenance-metrics.ts';
import { addQueries } from './ops/queries.ts';
import { addSecurityFilters, securityAlarms } from './ops/security-events.ts';
import { frontDoorAlarms, functionAlarms } from './ops/service-alarms.ts';
import { workerAlarms } from './ops/worker-alarms.ts';
import { StageStack } from './stage-stack.ts';
import type { Stage } from './stages.ts';

export interface OpsStackProps {
  readonly stage: Stage;
  /** Who is told. */
  readonly address: string;
  readonly config: Config;
  readonly data: StoredData;
  readonly service: Service;
  readonly workers: ReadonlyMap<WorkerEntry, Worker>;
}

/** What an operator looks at, and is woken by. */
export class OpsStack extends StageStack {
  constructor(
    scope: Construct,
    id: string,
    { stage, address, config, data, service, workers }: OpsStackProps,
  ) {
    super(scope, id, { stage, description: 'alarms, dashboard, costs' });
    const { accessLogs } = service.frontDoor;
    const topic = new AlarmTopic(this, 'Topic', { stage, address });
    const alarms = [
      ...frontDoorAlarms(service.frontDoor),
      ...functionAlarms(service),
      ...workerAlarms(stage, config, workers),
      ...tableAlarms(data),
      ...replicationAlarms(stage, data),
      ...(data.backups ? backupAlarms(data.backups.vaultName) : []),
      ...securityAlarms(stage),
    ].map((definition) => addAlarm(this, topic, definition));

    const logs = { access: accessLogs, api: service.function.logs };
    addSecurityFilters(this, stage, logs);
    const maintenance = workers.get('maintenance');
    if (maintenance) addMaintenanceFilters(this, stage, maintenance.function.logs);
    addQueries(this, stage, logs);
    addDashboard(this, { stage, service, data, workers, alarms });
    addStorageLens(this, stage, data);
    if (stage.monthlyBudgetDollars !== undefined) {
      addBudget(this, stage, topic, stage.monthlyBudgetDollars);
    }
  }
}
