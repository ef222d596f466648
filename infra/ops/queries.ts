import { CfnQueryDefinition, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

interface Logs {
  readonly access: LogGroup;
  readonly api: LogGroup;
}

interface SavedQuery {
  readonly name: string;
  readonly of: keyof Logs;
  readonly lines: readonly string[];
}

const savedQueries: readonly SavedQuery[] = [
  {
    name: 'Slow requests',
    of: 'access',
    lines: [
      'fields @timestamp, method, path, status, responseMilliseconds, requestId',
      'filter responseMilliseconds > 1000',
      'sort responseMilliseconds desc',
      'limit 100',
    ],
  },
  {
    name: 'Requests by route and status',
    of: 'access',
    lines: [
      'parse path /^\\/(?<route>[^\\/]*\\/?[^\\/]*)/',
      'stats count(*) as requests, pct(responseMilliseconds, 99) as p99 by method, route, status',
      'sort requests desc',
    ],
  },
  {
    name: 'Who is refused',
    of: 'access',
    lines: [
      'filter status in ["401", "403", "429"]',
      'stats count(*) as refusals by sourceIp, status, userAgent',
      'sort refusals desc',
      'limit 50',
    ],
  },
  {
    name: 'Who did what (put a key, a bucket or a caller in)',
    of: 'api',
    lines: [
      'filter type = "audit" and (key = "…" or bucket = "…" or principal.sub = "…")',
      'fields @timestamp, action, decision, rule, principal.kind, principal.sub, bucket, key, address, requestId',
      'sort @timestamp desc',
    ],
  },
  {
    name: 'Faults',
    of: 'api',
    lines: [
      'filter level = "error"',
      'fields @timestamp, message, requestId, error.name, error.code, error.message',
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  {
    name: 'Cold starts',
    of: 'api',
    lines: [
      'filter type = "platform.report" and ispresent(record.metrics.initDurationMs)',
      'stats count(*) as starts, avg(record.metrics.initDurationMs) as mean, max(record.metrics.initDurationMs) as worst by bin(1h)',
    ],
  },
  {
    name: 'Everything about a request (put its id in)',
    of: 'api',
    lines: ['fields @timestamp, @message', 'filter requestId = "…"', 'sort @timestamp asc'],
  },
];

/** Questions to the logs, as they come up when something is the matter. */
export function addQueries(scope: Construct, stage: Stage, logs: Logs): void {
  savedQueries.forEach(({ name, of, lines }, index) => {
    new CfnQueryDefinition(scope, `Query${index}`, {
      name: `Stowage ${stage.name}/${name}`,
      logGroupNames: [logs[of].logGroupName],
      queryString: lines.join('\n| '),
    });
  });
}
