import * as v from 'valibot';
import { isOver, listReservations, shards } from '../usage/reservations.ts';
import type { SettleDeps } from '../usage/plan.ts';
import { settleUpload } from '../usage/settle.ts';
import { type Step, type Task, taskOf } from './task.ts';
import { workThrough } from './work-through.ts';

/** Behind which reservation of a shard it goes on. */
const cursorSchema = v.object({ shard: v.picklist(shards), after: v.optional(v.string()) });

type Cursor = v.InferOutput<typeof cursorSchema>;

const [firstShard = ''] = shards;

export interface ReservationDeps extends SettleDeps {
  /** So many uploads are settled at once. */
  readonly atOnce: number;
}

/**
 * Settles the uploads whose time is over: what has arrived without being completed is counted, and the room of the others
 * is given back.
 *
 * @param stepSize - at most so many reservations are looked at in a step
 */
export function expiredReservations(deps: ReservationDeps, stepSize = 100): Task {
  const { records, now, atOnce } = deps;
  return taskOf({
    name: 'expired-reservations',
    everySeconds: 60,
    cursor: cursorSchema,
    step: async (cursor) => {
      let position = cursor ?? { shard: firstShard };
      for (;;) {
        const step = await settleSome(position);
        const { next, counts } = step;
        // Where nothing is over, there is nothing to write down either.
        if (next === undefined || counts['settled'] !== 0 || step.failures.length > 0) return step;
        position = next;
      }
    },
  });

  async function settleSome({ shard, after }: Cursor): Promise<Step<Cursor>> {
    const page = await listReservations(records, shard, { limit: stepSize, after });
    const time = now();
    const overdue = page.reservations.filter(({ marker }) => isOver(marker, time));
    const failures = await workThrough(overdue, atOnce, (reservation) => settleUpload(deps, reservation));
    // They are in the order of their ends: behind one whose time is not over, none is.
    const isAtEnd = page.next === undefined || overdue.length < page.reservations.length;
    const nextShard = shards[shards.indexOf(shard) + 1];
    const elsewhere = nextShard === undefined ? undefined : { shard: nextShard };
    return {
      next: isAtEnd ? elsewhere : { shard, after: page.next },
      counts: { settled: overdue.length - failures.length },
      failures,
    };
  }
}
