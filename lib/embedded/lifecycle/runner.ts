import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../telemetry/log.ts';
import type { Services } from '../call.ts';
import { type LifecycleReport, newPass, type Pass, takeStep } from './pass.ts';
import { settleRestores } from './restores.ts';

type Context = Pick<Services, 'index' | 'blobs' | 'now' | 'dayMilliseconds'>;

/** A pass as it is kept, for the next process to go on with it. */
interface KeptPass extends Pass {
  /** The number of the day that it is for. */
  readonly day: number;
}

const progressName = 'lifecycle';
/** How often it is written down where a pass has come to, when it has nothing else to write. */
const recordEveryMilliseconds = 10_000;

/** Does all that is due, without rest. */
export async function runLifecycle(services: Context): Promise<LifecycleReport> {
  await settleRestores(services);
  let pass = newPass;
  while (pass.at) {
    pass = await takeStep(services, pass, () => undefined);
    await setImmediate();
  }
  return pass.report;
}

/**
 * Makes a pass over all buckets at the beginning of each day, between the requests, and settles restored copies when
 * they are due. Until the signal; the next process goes on where this one was.
 */
export async function keepLifecycle(services: Context, log: Log, signal: AbortSignal): Promise<void> {
  const { now, dayMilliseconds } = services;
  const pause = Math.min(Math.max(dayMilliseconds / 288, 20), 300_000);
  while (!signal.aborted) {
    try {
      await settleRestores(services);
      const day = Math.floor(now().getTime() / dayMilliseconds);
      const kept = readKept(services);
      if (!kept || kept.at || kept.day !== day) {
        const report = await finish(services, kept?.at ? kept : { ...newPass, day }, signal);
        const { examined: _, ...done } = report;
        const hasActed = Object.values(done).some((count) => count > 0);
        if (hasActed) log('info', 'The lifecycle has run', { ...report });
      }
    } catch (error) {
      // A full disk, perhaps: what this removes may make room for it to go on.
      if (!signal.aborted) log('error', 'The lifecycle could not run; it is tried again', { error });
    }
    await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Takes all steps that a pass still has before it, with a rest as long as each has taken. */
async function finish(services: Context, kept: KeptPass, signal: AbortSignal): Promise<LifecycleReport> {
  const { index } = services;
  const { day } = kept;
  const record = (pass: Pass) => {
    index.progress.put(progressName, JSON.stringify({ ...pass, day } satisfies KeptPass));
    recordedAt = performance.now();
  };
  let recordedAt = performance.now();
  let pass: Pass = kept;
  while (pass.at) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    pass = await takeStep(services, pass, record);
    await sleep(performance.now() - startedAt, undefined, { signal, ref: false });
    const reached = pass;
    const isLongAgo = performance.now() - recordedAt > recordEveryMilliseconds;
    if (isLongAgo || !reached.at) await index.commit(() => record(reached));
  }
  return pass.report;
}

function readKept({ index }: Context): KeptPass | undefined {
  const document = index.progress.find(progressName);
  if (document === undefined) return undefined;
  const kept: KeptPass = JSON.parse(document);
  return kept;
}
