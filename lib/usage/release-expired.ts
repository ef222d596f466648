import { isOver, listReservations, shards } from './reservations.ts';
import { type SettleDeps, settleUpload } from './settle.ts';

/**
 * Settles the uploads whose time is over: what has arrived without being completed is counted, and the room of the
 * others is given back. For whatever runs from time to time; two at once do no harm.
 *
 * @param limit - at most so many reservations, about, the oldest of them
 * @returns how many there were
 * @throws AggregateError with each that could not be settled, after the others were
 */
export async function releaseExpired(deps: SettleDeps, limit: number): Promise<number> {
  const time = deps.now();
  const ofShard = Math.ceil(limit / shards.length);
  const outcomes = await Promise.all(
    shards.map(async (shard) => {
      const reservations = await listReservations(deps.records, shard, ofShard);
      const overdue = reservations.filter(({ marker }) => isOver(marker, time));
      const errors: unknown[] = [];
      for (const reservation of overdue) {
        await settleUpload(deps, reservation).catch((error: unknown) => errors.push(error));
      }
      return { count: overdue.length, errors };
    }),
  );
  const errors = outcomes.flatMap((outcome) => outcome.errors);
  if (errors.length > 0) throw new AggregateError(errors, 'Some reservations could not be settled.');
  return outcomes.reduce((total, { count }) => total + count, 0);
}
