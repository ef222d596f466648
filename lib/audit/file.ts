import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import type { AuditSink } from './audit.ts';

export interface AuditFile {
  readonly append: AuditSink;
  readonly close: () => void;
}

/** @param place - a path, or `-` for the error output. @throws Error when the file cannot be opened */
export function openAuditLog(place: string): AuditFile {
  return place === '-' ? errorOutput() : openAuditFile(place);
}

/**
 * Appends lines to a file, which is made when absent and is for its owner's eyes alone. A line is with the operating
 * system when the call returns, so that it outlives the process.
 *
 * The file may be moved away at any time, as logrotate does: the next line makes a new one. Nothing is ever deleted here.
 *
 * @throws Error when the file cannot be opened
 */
function openAuditFile(path: string): AuditFile {
  let file = open();

  function open() {
    const descriptor = openSync(path, 'a', 0o600);
    return { descriptor, inode: statSync(path).ino };
  }

  /** Is what was opened still what the path names? */
  function isCurrent(): boolean {
    return statSync(path, { throwIfNoEntry: false })?.ino === file.inode;
  }

  function append(lines: string): void {
    if (!isCurrent()) {
      const moved = file.descriptor;
      file = open();
      closeSync(moved);
    }
    const bytes = Buffer.from(lines);
    for (let written = 0; written < bytes.length;) written += writeSync(file.descriptor, bytes, written);
  }

  return { append, close: () => closeSync(file.descriptor) };
}

/** The error output of this process, where something else collects the lines. */
function errorOutput(): AuditFile {
  return { append: (lines) => process.stderr.write(lines), close: () => {} };
}
