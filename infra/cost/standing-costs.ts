import { prices } from './prices.ts';
import { type CostResource, type CostTemplate, lengthOf, resourcesIn } from './template.ts';

export interface Cost {
  readonly what: string;
  /** A month. */
  readonly dollars: number;
}

const { monthly } = prices;

/** What is paid for being there, whether it is used or not; read from what would be deployed. */
export function standingCosts(templates: readonly CostTemplate[]): Cost[] {
  const all = (type: string) => resourcesIn(templates, type);
  const sum = (type: string, dollarsOf: (resource: CostResource) => number) =>
    all(type).reduce((total, resource) => total + dollarsOf(resource), 0);
  return [
    { what: 'encryption keys', dollars: sum('KMS::Key', () => monthly.key) },
    {
      what: 'secrets, with their copies',
      dollars: sum(
        'SecretsManager::Secret',
        ({ Properties }) => monthly.secret * (1 + lengthOf(Properties?.['ReplicaRegions'])),
      ),
    },
    {
      what: 'alarms',
      dollars: sum(
        'CloudWatch::Alarm',
        ({ Properties }) => monthly.alarmedMetric * metricsOf(Properties?.['Metrics']),
      ),
    },
    { what: 'dashboard', dollars: sum('CloudWatch::Dashboard', () => monthly.dashboard) },
    { what: 'metrics of our own', dollars: sum('Logs::MetricFilter', () => monthly.customMetric) },
    {
      what: 'firewall and its rules',
      dollars: sum(
        'WAFv2::WebACL',
        ({ Properties }) => monthly.firewall + monthly.firewallRule * lengthOf(Properties?.['Rules']),
      ),
    },
    {
      what: 'endpoints in the network',
      dollars: sum(
        'EC2::VPCEndpoint',
        ({ Properties }) => monthly.endpointInterface * lengthOf(Properties?.['SubnetIds']),
      ),
    },
    { what: 'warm instances', dollars: warmInstances(templates) },
  ].filter(({ dollars }) => dollars > 0);
}

/** Of an alarm over several metrics each is paid, the expression is not. */
function metricsOf(queries: unknown): number {
  if (!Array.isArray(queries)) return 1;
  return queries.filter((query) => typeof query === 'object' && query !== null && 'MetricStat' in query)
    .length;
}

function warmInstances(templates: readonly CostTemplate[]): number {
  const [target] = resourcesIn(templates, 'ApplicationAutoScaling::ScalableTarget');
  if (!target) return 0;
  return Number(target.Properties?.['MinCapacity']) * apiGigabytes(templates) * monthly.warmGigabyte;
}

/** Memory of the API function. */
export function apiGigabytes(templates: readonly CostTemplate[]): number {
  return functionGigabytes(templates, 'api') ?? 0;
}

/** Memory of a function, by its file in `functions/`; `undefined` where it is not deployed. */
export function functionGigabytes(templates: readonly CostTemplate[], entry: string): number | undefined {
  const found = resourcesIn(templates, 'Lambda::Function').find(
    ({ Properties }) => Properties?.['Handler'] === `${entry}.handler`,
  );
  return found && Number(found.Properties?.['MemorySize'] ?? 0) / 1_024;
}
