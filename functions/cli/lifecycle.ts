import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type Command, parseOptions, UsageError } from './command.ts';

const help = `Usage: stowage lifecycle get BUCKET
       stowage lifecycle put BUCKET FILE

Shows the rules by which objects expire or move to another storage class, and sets them; "-" reads standard input.
What get shows can be edited and put back. The rules of stowage.json stay, whatever is put.

Example:
  echo '{"rules":[{"prefix":"tmp/","expireAfterDays":7}]}' | stowage lifecycle put files -
`;

export const lifecycle: Command = {
  summary: 'show or set the lifecycle rules of a bucket',
  help,
  parse(args) {
    const { values, positionals } = parseOptions(args, {});
    const [verb, bucket, file, ...rest] = positionals;
    const isPut = verb === 'put';
    if (
      (verb !== 'get' && !isPut) ||
      bucket === undefined ||
      isPut !== (file !== undefined) ||
      rest.length > 0
    ) {
      throw new UsageError('lifecycle wants get BUCKET, or put BUCKET FILE.');
    }
    return {
      values,
      action: async ({ client, output, signal }) => {
        const rules =
          file === undefined
            ? await client.lifecycle(bucket, { signal })
            : await client.setLifecycle(bucket, await readRules(file), { signal });
        output.result({ rules }, JSON.stringify({ rules }, null, 2));
      },
    };
  },
};

/** The service checks the rules and names every fault; here it only matters that they are there. */
async function readRules(file: string) {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  const document: unknown = parseJson(content, file);
  if (
    typeof document === 'object' &&
    document !== null &&
    'rules' in document &&
    Array.isArray(document.rules)
  ) {
    return document.rules;
  }
  throw new UsageError(`${file} holds no {"rules":[…]}.`);
}

function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`${file} is not JSON.`);
  }
}
