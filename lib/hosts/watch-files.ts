import { readFile } from 'node:fs/promises';

/**
 * Tells when the content of files has changed. They are read every few seconds, rather than watched by the operating
 * system: Kubernetes replaces mounted files by moving a link two folders above them, and network file systems tell
 * nothing at all.
 *
 * @param paths - small files
 * @param onChange - gets the contents in the order of the paths; what it throws goes to `onError`
 * @param onError - also told when a file cannot be read; once for each new cause
 * @returns ends the watch
 */
export function watchFiles(
  paths: readonly string[],
  everySeconds: number,
  onChange: (contents: readonly string[]) => void,
  onError: (error: unknown) => void,
): () => void {
  let seen: string | undefined;

  async function look(): Promise<void> {
    let state = '';
    try {
      const contents = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
      state = JSON.stringify(contents);
      if (seen !== undefined && seen !== state) onChange(contents);
    } catch (error) {
      if (state === '') state = String(error);
      if (seen !== state) onError(error);
    }
    seen = state;
  }

  void look();
  const timer = setInterval(() => void look(), everySeconds * 1000).unref();
  return () => clearInterval(timer);
}
