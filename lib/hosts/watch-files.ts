import { readFile } from 'node:fs/promises';

export interface FileWatch {
  /** Small files. */
  readonly paths: readonly string[];
  /** What the caller has read of them, in the same order: a change since then counts. */
  readonly contents: readonly string[];
  readonly everySeconds: number;
  readonly onChange: (contents: readonly string[]) => void;
  /** Told what `onChange` throws, and why a file cannot be read; once for each new cause. */
  readonly onError: (error: unknown) => void;
}

/**
 * Tells when the content of files has changed. They are read every few seconds, rather than watched by the operating
 * system: Kubernetes replaces mounted files by moving a link two folders above them, and network file systems tell
 * nothing at all.
 *
 * @returns ends the watch
 */
export function watchFiles({ paths, contents, everySeconds, onChange, onError }: FileWatch): () => void {
  let seen = JSON.stringify(contents);

  async function look(): Promise<void> {
    let state: string | undefined;
    try {
      const now = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
      state = JSON.stringify(now);
      if (seen !== state) onChange(now);
    } catch (error) {
      state ??= String(error);
      if (seen !== state) onError(error);
    }
    seen = state;
  }

  const timer = setInterval(() => void look(), everySeconds * 1000).unref();
  return () => clearInterval(timer);
}
