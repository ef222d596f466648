/** The user (Ctrl-C) or the system (SIGTERM) wants an end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** 128 and the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('Stopped. A transfer goes on when the same command is run again.');
    this.exitCode = exitCode;
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that fires, with an {@link Interrupted} as its reason, at the first Ctrl-C or SIGTERM. A second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes[name]);
      controller.abort(new Interrupted(exitCodes[name]));
    });
  }
  return controller.signal;
}
