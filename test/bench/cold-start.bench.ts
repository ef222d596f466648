import { join } from 'node:path';
import { parseConfig } from '../../lib/config/load.ts';
import { toApiGatewayEvent } from '../support/api-gateway-event.ts';
import { buildLambdaFunction } from '../support/lambda-function.ts';
import { type Invocation, startLambda } from '../support/lambda-process.ts';
import { rootKey } from '../support/service.ts';
import type { Bench } from './harness.ts';

/**
 * The API function against a handler that does nothing, each in a new process: load, INIT (Secrets Manager stands on
 * loopback and answers at once), and a first `POST /v1/downloads` as API Gateway sends it.
 */

/** Lambda gives a function of 512 MB so much of a core (a whole one comes with 1,769 MB), but INIT a whole one. */
const shareOfCore = 512 / 1769;

const bare = join(import.meta.dirname, 'bare-handler.mjs');
const built = await buildLambdaFunction(parseConfig({ buckets: { files: {} } }));
/** As long as a role's session token is. */
const environment = {
  ...built.environment,
  AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2VjEHoaCWV1LXdlc3QtMSJI'.repeat(27),
};

const event = toApiGatewayEvent(
  'POST',
  '/v1/downloads',
  { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
  JSON.stringify({ items: [{ bucket: 'files', key: 'holiday pictures/2026/1.jpeg' }] }),
);

/** A whole life: start, INIT, one request. */
async function live(modulePath: string): Promise<Invocation & { readonly milliseconds: number }> {
  const startedAt = performance.now();
  const lambda = await startLambda(modulePath, environment);
  try {
    const invocation = await lambda.invoke(event);
    const milliseconds = performance.now() - startedAt;
    if (invocation.result.statusCode !== 200) throw new Error(invocation.result.body);
    return { ...invocation, milliseconds };
  } finally {
    await lambda.stop();
  }
}

const wholeStart = async (modulePath: string) => (await live(modulePath)).milliseconds;
const throttledInvoke = async (modulePath: string) =>
  (await live(modulePath)).cpuMicroseconds / 1000 / shareOfCore;

export const benches: readonly Bench[] = [
  {
    name: 'cold start to first answer',
    reference: 'bare handler',
    unit: 'ms from spawn',
    rounds: 25,
    sampleOurs: () => wholeStart(built.modulePath),
    sampleReference: () => wholeStart(bare),
    bar: { atMostMore: 35 },
  },
  {
    name: 'first invoke at 512 MB',
    reference: 'bare handler',
    unit: 'ms: CPU time / 0.29 vCPU',
    rounds: 15,
    sampleOurs: () => throttledInvoke(built.modulePath),
    sampleReference: () => throttledInvoke(bare),
    bar: { atMostMore: 8 },
    close: built.close,
  },
];
