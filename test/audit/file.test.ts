import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAuditLog } from '../../lib/audit/file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('lines are appended, for their owner alone, and a file that is moved away is followed by a new one', () => {
  const path = join(folder, 'audit.log');
  for (const line of ['one\n', 'two\n']) {
    const log = openAuditLog(path);
    log.append(line);
    log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const log = openAuditLog(path);
  renameSync(path, `${path}.1`);
  log.append('three\n');
  log.append('four\n');
  rmSync(path);
  log.append('five\n');
  log.close();
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('one\ntwo\n');
  expect(readFileSync(path, 'utf8')).toBe('five\n');
});

test('a place that cannot be written stops the start', () => {
  expect(() => openAuditLog(join(folder, 'none', 'audit.log'))).toThrow(/ENOENT/);
});
