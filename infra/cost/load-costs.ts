import { assumptions, type Load } from './load.ts';
import { prices } from './prices.ts';
import { apiGigabytes, type Cost, functionGigabytes } from './standing-costs.ts';
import { type CostTemplate, resourcesIn } from './template.ts';

const { perMillion, perGigabyte } = prices;

/** What is paid for the load, by way of what would be deployed. */
export function loadCosts(templates: readonly CostTemplate[], load: Load): Cost[] {
  const has = (type: string) => resourcesIn(templates, type).length > 0;
  return [
    ...requestCosts(templates, load),
    ...storageCosts(load),
    ...(has('CloudFront::KeyGroup') ? [invalidationCost(load)] : []),
    ...(has('AppConfig::Environment') ? flagCosts(load) : []),
    ...(has('Events::Rule') ? eventCosts(load) : []),
    ...functionCosts(
      templates,
      'object-events',
      'following events',
      eventsOf(load),
      assumptions.eventMilliseconds,
    ),
    ...functionCosts(
      templates,
      'on-object-event',
      'your own function',
      eventsOf(load),
      assumptions.eventMilliseconds,
    ),
    ...deliveryCosts(templates, load),
    ...(has('GuardDuty::MalwareProtectionPlan') ? [scanCost(load)] : []),
    ...(has('CloudFront::Distribution')
      ? edgeCosts(load, has('WAFv2::WebACL'))
      : [{ what: 'downloads from S3', dollars: load.downloadedGigabytes * perGigabyte.sentByStorage }]),
    ...(has('Backup::BackupPlan')
      ? [
          {
            what: 'backups',
            dollars: load.storedGigabytes * assumptions.backedUpShare * perGigabyte.backedUp,
          },
        ]
      : []),
    ...(templates.some(replicates) ? replicaCosts(load) : []),
  ];
}

function requestCosts(templates: readonly CostTemplate[], { apiRequests }: Load): Cost[] {
  const isRest = resourcesIn(templates, 'ApiGateway::RestApi').length > 0;
  const gigabyteSeconds = (apiRequests * assumptions.callMilliseconds * apiGigabytes(templates)) / 1_000;
  return [
    {
      what: isRest ? 'REST API' : 'HTTP API',
      dollars: millions(apiRequests) * (isRest ? perMillion.restApiRequests : perMillion.httpApiRequests),
    },
    {
      what: 'API function',
      dollars:
        millions(apiRequests) * perMillion.functionCalls + gigabyteSeconds * prices.functionGigabyteSecond,
    },
    {
      what: 'logs',
      dollars: ((apiRequests * assumptions.logBytesPerRequest) / 1e9) * perGigabyte.logged,
    },
    { what: 'traces', dollars: millions(apiRequests * assumptions.traceShare) * perMillion.traces },
  ];
}

function storageCosts({ apiRequests, uploads, downloads, storedGigabytes }: Load): Cost[] {
  return [
    { what: 'storage', dollars: storedGigabytes * perGigabyte.stored },
    {
      what: 'requests to S3',
      dollars: millions(uploads) * perMillion.putRequests + millions(downloads) * perMillion.getRequests,
    },
    {
      what: 'records',
      dollars:
        millions(uploads * assumptions.recordWritesPerUpload) * perMillion.recordWrites +
        millions(apiRequests * assumptions.recordReadsPerRequest) * perMillion.recordReads,
    },
  ];
}

function invalidationCost({ uploads }: Load): Cost {
  const paths = uploads * assumptions.overwrittenShare * 2;
  return { what: 'invalidations', dollars: millions(paths) * perMillion.invalidatedPaths };
}

function flagCosts({ apiRequests }: Load): Cost[] {
  const asked = assumptions.busyEnvironments * 730 * 60;
  return [
    {
      what: 'flags',
      dollars:
        millions(asked) * perMillion.flagRequests +
        millions(apiRequests * assumptions.coldStartShare) * perMillion.flagsReceived,
    },
  ];
}

function eventsOf({ uploads }: Load): number {
  return uploads * assumptions.eventsPerUpload;
}

/** @param messages - in a month; taken to come one by one */
function functionCosts(
  templates: readonly CostTemplate[],
  entry: string,
  what: string,
  messages: number,
  milliseconds: number,
): Cost[] {
  const gigabytes = functionGigabytes(templates, entry);
  if (gigabytes === undefined) return [];
  const dollars =
    millions(messages) * perMillion.functionCalls +
    ((messages * milliseconds) / 1_000) * gigabytes * prices.functionGigabyteSecond;
  return [{ what, dollars }];
}

function deliveryCosts(templates: readonly CostTemplate[], load: Load): Cost[] {
  const deliveries = eventsOf(load) * assumptions.deliveriesPerEvent;
  const { deliveryMilliseconds, queueRequestsPerEvent } = assumptions;
  const beside =
    queueRequestsPerEvent * perMillion.queueRequests +
    assumptions.recordWritesPerDelivery * perMillion.recordWrites +
    assumptions.recordReadsPerDelivery * perMillion.recordReads;
  return functionCosts(templates, 'webhook-delivery', 'webhooks', deliveries, deliveryMilliseconds).map(
    ({ what, dollars }) => ({ what, dollars: dollars + millions(deliveries) * beside }),
  );
}

/** A month's uploads are taken to be a tenth of what is stored, and every bucket to be scanned. */
function scanCost({ uploads, storedGigabytes }: Load): Cost {
  return {
    what: 'looking for malware',
    dollars: millions(uploads) * perMillion.scannedObjects + (storedGigabytes / 10) * perGigabyte.scanned,
  };
}

function eventCosts(load: Load): Cost[] {
  const events = eventsOf(load);
  return [
    {
      what: 'events and queues',
      dollars:
        millions(events) * (perMillion.events + assumptions.queueRequestsPerEvent * perMillion.queueRequests),
    },
  ];
}

function edgeCosts({ apiRequests, downloads, downloadedGigabytes }: Load, hasFirewall: boolean): Cost[] {
  const requests = apiRequests + downloads;
  return [
    {
      what: 'CloudFront',
      dollars:
        downloadedGigabytes * perGigabyte.sentByEdge +
        millions(requests) * perMillion.edgeRequests +
        millions(downloads) * perMillion.edgeFunctionCalls,
    },
    ...(hasFirewall
      ? [{ what: 'requests past the firewall', dollars: millions(requests) * perMillion.firewallRequests }]
      : []),
  ];
}

/** A month's uploads are taken to be a tenth of what is stored. */
function replicaCosts({ uploads, storedGigabytes }: Load): Cost[] {
  return [
    {
      what: 'the copy in another region',
      dollars:
        storedGigabytes * perGigabyte.stored +
        (storedGigabytes / 10) * perGigabyte.replicated +
        millions(uploads) * perMillion.putRequests,
    },
  ];
}

function replicates(template: CostTemplate): boolean {
  return resourcesIn([template], 'S3::Bucket').some(
    ({ Properties }) => Properties?.['ReplicationConfiguration'] !== undefined,
  );
}

function millions(count: number): number {
  return count / 1e6;
}
