import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the code of a function was seen to call, as `test/infra/under-its-role.test.ts` has recorded it.
 *
 * A line says which function, which action, and the environment variable that named the resource; `/*` stands for the
 * objects of a bucket: `api s3:GetObject STOWAGE_S3_BUCKET_NAMES/*`. What no variable names has a word of its own.
 */
export interface RecordedCall {
  /** The file in `functions/`, without its ending. */
  readonly entry: string;
  readonly action: string;
  readonly variable: string;
  readonly isObject: boolean;
}

export const recordFile = join(import.meta.dirname, '../../recorded-calls.txt');

export const recordedCalls: readonly RecordedCall[] = readFileSync(recordFile, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [entry = '', action = '', resource = ''] = line.split(' ');
    return { entry, action, variable: resource.replace('/*', ''), isObject: resource.endsWith('/*') };
  });
