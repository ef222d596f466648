import { createProgressLine, type ProgressLine } from './progress-line.ts';

/**
 * Where a command's words go: results to stdout, where programs read them; everything else to stderr, where people do.
 */
export interface Output {
  /** One result: with `--json` the value as a line of JSON, else the text (none: nothing). */
  readonly result: (value: object, text?: string) => void;
  /** A remark for people; `--quiet` and `--json` silence it. */
  readonly note: (text: string) => void;
  /** Shows a transfer's progress until it is closed; one at a time. */
  readonly openProgress: (label: string, totalBytes: number) => ProgressLine & Disposable;
}

export function createOutput({ json, quiet }: { json: boolean; quiet: boolean }): Output {
  const isSilent = json || quiet;
  let current: ProgressLine | undefined;
  return {
    result(value, text) {
      current?.clear();
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else if (text !== undefined) process.stdout.write(`${text}\n`);
    },
    note(text) {
      if (isSilent) return;
      current?.clear();
      process.stderr.write(`${text}\n`);
    },
    openProgress(label, totalBytes) {
      const line = isSilent ? silentLine : createProgressLine(label, totalBytes, process.stderr);
      current = line;
      return {
        ...line,
        [Symbol.dispose]() {
          line.clear();
          current = undefined;
        },
      };
    },
  };
}

const silentLine: ProgressLine = { update: () => undefined, summary: () => '', clear: () => undefined };
