import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleFunction } from '../../infra/bundle.ts';
import { parseConfig } from '../../lib/config/load.ts';

/** What a cold start of the functions beside the API loads. A change of these figures is a decision, not an accident. */
const maxKilobytes = { 'object-events': 120, 'webhook-delivery': 72, 'cdn-invalidation': 56 };

const folder = mkdtempSync(join(tmpdir(), 'stowage-bundles-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.entries(maxKilobytes))(
  '%s begins with at most %i KiB, none of them an SDK',
  (entry, limit) => {
    const config = parseConfig({ buckets: { files: {} } });
    const { outputs } = bundleFunction(entry, config, join(folder, entry));
    const eager = new Set<string>();
    const add = (path: string) => {
      if (eager.has(path)) return;
      eager.add(path);
      for (const { kind, path: next, external } of outputs[path]?.imports ?? []) {
        if (kind === 'import-statement' && external !== true) add(next);
      }
    };
    add(`dist/${entry}.mjs`);
    const bytes = [...eager].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
    expect(bytes).toBeLessThanOrEqual(limit * 1024);
    const modules = [...eager].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
    expect(modules.filter((path) => /@aws-sdk|@smithy|file-type/.test(path))).toEqual([]);
  },
);
