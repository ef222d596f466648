import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** One execution environment of a Lambda function: a process of its own, which serves one event at a time. */
export interface LambdaProcess {
  readonly pid: number;
  readonly invoke: (event: object) => Promise<Invocation>;
  /** What it has written to its standard output, which Lambda would put into its log group. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

export interface Invocation {
  readonly result: APIGatewayProxyStructuredResultV2;
  /** CPU time that the handler took. */
  readonly cpuMicroseconds: number;
  /** All that the process has loaded of Node. */
  readonly loadedModules: readonly string[];
}

/**
 * Starts a bundled function and waits for the end of its INIT.
 *
 * @param modulePath - exports `handler`
 * @param environment - its whole environment
 * @throws Error with what the process wrote, when INIT fails
 */
export async function startLambda(
  modulePath: string,
  environment: Readonly<Record<string, string>>,
): Promise<LambdaProcess> {
  const child = fork(join(import.meta.dirname, 'lambda-runtime.mjs'), [modulePath], {
    env: environment,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exit = once(child, 'close').then(() => {
    throw new Error(`the function has ended: ${complaints}`);
  });
  // Told by whoever waits for an answer; nobody waits when it is stopped.
  exit.catch(() => {});
  await Promise.race([once(child, 'message'), exit]);

  let last: Promise<unknown> = Promise.resolve();
  return {
    pid: child.pid ?? 0,
    invoke(event) {
      const invocation = last.then(async () => {
        child.send(event);
        const [answer]: Invocation[] = await Promise.race([once(child, 'message'), exit]);
        if (!answer) throw new Error('the function gave no answer');
        return answer;
      });
      last = invocation.catch(() => {});
      return invocation;
    },
    output: () => output,
    async stop() {
      child.kill();
      await exit.catch(() => {});
    },
  };
}
