import * as v from 'valibot';

/**
 * Work that has to be done from time to time, in small steps. A step that is done twice, also at the same time, does no
 * harm: a lock spares most of that, and cannot rule it out.
 */
export interface Task {
  readonly name: string;
  /** From the end of one pass to the beginning of the next. */
  readonly everySeconds: number;
  /** What a pass goes over: when that is not what the last one went over, the next is due at once. Default: always the same. */
  readonly scope?: string;
  /**
   * Does a little.
   *
   * @param cursor - the `next` of the step before, perhaps of a process that is no more; undefined at the beginning
   * @throws whatever keeps it from being done at all; it is then tried again from the same place
   */
  readonly step: (cursor: unknown) => Promise<Step>;
}

/** What a step has done. */
export interface Step<Cursor = unknown> {
  /** Where the next one goes on; absent at the end of a pass. Whatever JSON can hold. */
  readonly next?: Cursor | undefined;
  /** By what the figures are called in the log. */
  readonly counts: Readonly<Record<string, number>>;
  /** What went wrong with single things. The others were done, and these come again with the next pass. */
  readonly failures: readonly unknown[];
}

/** A task whose cursor is read by a schema. One that an older version has left, and that does not fit, begins anew. */
export function taskOf<Cursor>({
  cursor: schema,
  step,
  ...rest
}: {
  readonly name: string;
  readonly everySeconds: number;
  readonly scope?: string;
  readonly cursor: v.GenericSchema<unknown, Cursor>;
  readonly step: (cursor: Cursor | undefined) => Promise<Step<Cursor>>;
}): Task {
  return {
    ...rest,
    step: (cursor) => {
      const read = v.safeParse(schema, cursor);
      return step(read.success ? read.output : undefined);
    },
  };
}
