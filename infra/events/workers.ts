import { Construct } from 'constructs';
import { cdnInvalidation } from './cdn-invalidation.ts';
import { maintenance } from './maintenance.ts';
import { objectEvents } from './object-events.ts';
import { ownFunction } from './own-function.ts';
import { rotateSecret } from './rotate-secret.ts';
import { webhookDelivery } from './webhook-delivery.ts';
import type { Worker, WorkerContext } from './worker.ts';

/**
 * The functions beside the API: a line each, by the file in `functions/` that holds its code. What has no code is not
 * deployed.
 */
const wirings = {
  'object-events': objectEvents,
  'webhook-delivery': webhookDelivery,
  maintenance,
  'rotate-secret': rotateSecret,
  'cdn-invalidation': cdnInvalidation,
  'on-object-event': ownFunction,
} as const satisfies Readonly<Record<string, (scope: Construct, context: WorkerContext) => Worker>>;

export type WorkerEntry = keyof typeof wirings;

export interface WorkersProps extends WorkerContext {
  /** The functions that there is code for. Others than these workers may be among them. */
  readonly entries: ReadonlySet<string>;
}

/** All that works without being asked over HTTP. */
export class Workers extends Construct {
  readonly deployed: ReadonlyMap<WorkerEntry, Worker>;

  constructor(scope: Construct, id: string, { entries, ...context }: WorkersProps) {
    super(scope, id);
    this.deployed = new Map(
      workerEntries(entries)
        .filter((entry) => entry !== 'cdn-invalidation' || context.cdn)
        .map((entry) => [entry, wirings[entry](this, context)]),
    );
  }
}

/** Those of the functions that are workers. */
export function workerEntries(entries: ReadonlySet<string>): readonly WorkerEntry[] {
  return [...entries].filter((entry): entry is WorkerEntry => entry in wirings);
}
