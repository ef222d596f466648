/**
 * A duel between our code and a named reference, in one run on one machine: samples of the two are taken in turn, so
 * that a slow moment hits both, and what is judged is a ratio or a difference, never a bare number of milliseconds.
 */

export interface Bench {
  readonly name: string;
  /** What we are compared with. */
  readonly reference: string;
  /** What a sample counts, such as `µs of CPU a URL`; less is better. */
  readonly unit: string;
  /** Pairs of samples, after one pair that is thrown away as warm-up. */
  readonly rounds: number;
  readonly sampleOurs: () => Promise<number>;
  readonly sampleReference: () => Promise<number>;
  readonly bar: Bar;
  /** Ends what this bench, and those before it in its file, ran on. */
  readonly close?: () => Promise<void>;
}

/** `timesFaster`: the reference's sample divided by ours, at least. `atMostMore`: ours less the reference's, at most. */
type Bar = { readonly timesFaster: number } | { readonly atMostMore: number };

export interface Result {
  readonly bench: Bench;
  readonly ours: number;
  readonly reference: number;
  /** A ratio or a difference, as the bar says: the median over the rounds. */
  readonly score: number;
  readonly met: boolean;
}

export async function runBench(bench: Bench): Promise<Result> {
  const rounds: { ours: number; reference: number }[] = [];
  for (let round = 0; round <= bench.rounds; round += 1) {
    // Who goes first changes from round to round: neither always pays for the other's garbage.
    const oursFirst = round % 2 === 0 ? await bench.sampleOurs() : undefined;
    const reference = await bench.sampleReference();
    const ours = oursFirst ?? (await bench.sampleOurs());
    if (round > 0) rounds.push({ ours, reference });
  }
  await bench.close?.();
  const { bar } = bench;
  const score = median(
    rounds.map(({ ours, reference }) => ('timesFaster' in bar ? reference / ours : ours - reference)),
  );
  return {
    bench,
    ours: median(rounds.map(({ ours }) => ours)),
    reference: median(rounds.map(({ reference }) => reference)),
    score,
    met: 'timesFaster' in bar ? score >= bar.timesFaster : score <= bar.atMostMore,
  };
}

/**
 * A sampler of the CPU time, user and system, garbage collection included, that one unit of work costs.
 *
 * @param work - does `unitsPerCall` units of work
 * @returns microseconds per unit
 */
export function cpuMicroseconds(
  work: () => unknown,
  { calls, unitsPerCall = 1 }: { readonly calls: number; readonly unitsPerCall?: number },
): () => Promise<number> {
  return async () => {
    const start = process.cpuUsage();
    for (let call = 0; call < calls; call += 1) {
      const pending = work();
      // Awaiting what is no promise would cost the synchronous side a turn of the microtask queue per call.
      if (pending instanceof Promise) await pending;
    }
    const { user, system } = process.cpuUsage(start);
    return (user + system) / (calls * unitsPerCall);
  };
}

/** Gives the last of a file's benches what ends all that they ran on. */
export function closedAtTheEnd(benches: readonly Bench[], close: () => Promise<void>): readonly Bench[] {
  return benches.map((bench, index) => (index === benches.length - 1 ? { ...bench, close } : bench));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
