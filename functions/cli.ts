#!/usr/bin/env node
import packageDocument from '../package.json' with { type: 'json' };
import { type Command, UsageError } from './cli/command.ts';
import { connect } from './cli/connect.ts';
import { describeFailure, exitCodes, type Failure } from './cli/failure.ts';
import { events } from './cli/events.ts';
import { get } from './cli/get.ts';
import { interruptSignal } from './cli/interrupt.ts';
import { lifecycle } from './cli/lifecycle.ts';
import { keys } from './cli/keys.ts';
import { ls } from './cli/ls.ts';
import { createOutput } from './cli/output.ts';
import { put } from './cli/put.ts';
import { rm } from './cli/rm.ts';
import { share } from './cli/share.ts';
import { tokens } from './cli/tokens.ts';
import { usage } from './cli/usage.ts';
import { webhooks } from './cli/webhooks.ts';

/** `stowage`, the command line. */

const commands = new Map<string, Command>(
  Object.entries({ put, get, ls, rm, share, events, lifecycle, keys, tokens, usage, webhooks }),
);

const overview = `Usage: stowage COMMAND …

${[...commands].map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`).join('\n')}

stowage COMMAND --help tells more of one; stowage --version tells the version.
`;

const commonHelp = `
Options of every command:
  --url URL             the service (default: STOWAGE_URL, else http://127.0.0.1:8080)
  --key-file FILE       a file that holds the API key or token (default: STOWAGE_KEY)
  --key KEY             discouraged: other users of the machine can see it
  --json                results as JSON, one a line; the error as JSON on stderr
  -q, --quiet           no progress and no remarks
  -h, --help            this text

Exit codes:
  0 done   1 failed   2 wrong usage   3 not found   4 denied   5 conflict (taken, replaced, expired)
  6 unreachable   130 stopped by Ctrl-C
`;

const signal = interruptSignal();
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  // A reader that has seen enough (`stowage ls | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await run(args);
    return exitCodes.ok;
  } catch (error) {
    // What is broken off fails in many ways; why it was broken off is what counts.
    const failure = describeFailure(signal.aborted ? signal.reason : error);
    process.stderr.write(
      args.includes('--json') ? `${JSON.stringify({ error: failure })}\n` : inWords(failure),
    );
    return failure.exitCode;
  }
}

function inWords({ message, requestId, hint }: Failure): string {
  const lines = [`stowage: ${message}`, requestId && `(request ${requestId})`, hint];
  return lines.flatMap((line) => (line ? [`${line}\n`] : [])).join('');
}

async function run([name, ...args]: string[]): Promise<void> {
  if (name === '--version') return print(`${packageDocument.version}\n`);
  if (name === '--help' || name === '-h') return print(overview + commonHelp);
  const command = commands.get(name ?? '');
  if (!command)
    throw new UsageError(name === undefined ? 'Which command?' : `There is no command "${name}".`);
  if (wantsHelp(args)) return print(command.help + commonHelp);
  const { values, action } = command.parse(args);
  const output = createOutput(values);
  await action({ ...connect(values, output), output, signal });
}

function wantsHelp(args: readonly string[]): boolean {
  const operands = args.indexOf('--');
  return (operands === -1 ? args : args.slice(0, operands)).some((arg) => arg === '--help' || arg === '-h');
}

function print(text: string): void {
  process.stdout.write(text);
}
