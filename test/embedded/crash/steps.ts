import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import type { Server } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';

/**
 * Lets this process die at a step of its choice: before or after something that changes the disk. The steps are those
 * of the system's interface, so that the store knows nothing of them, and none can be forgotten.
 */

const operation = new AsyncLocalStorage<string>();
let last: string | undefined;

/** Dies when it next comes to the step, and says so. */
export function dieAt(step: string): void {
  last = step;
}

function reach(step: string): void {
  // What no request has asked for is the lifecycle's: nothing else changes the disk by itself.
  if (`${operation.getStore() ?? 'lifecycle'}: ${step}` !== last) return;
  writeSync(1, `died ${last}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Names each step after the request that it is taken for. */
export function nameSteps(server: Server): void {
  const emit = server.emit.bind(server);
  server.emit = (event: string, ...args: unknown[]) => {
    const [request] = args;
    if (event !== 'request' || !isRequest(request)) return emit(event, ...args);
    return operation.run(nameOf(request), () => emit(event, ...args));
  };
}

function isRequest(value: unknown): value is { method: string; url: string; headers: object } {
  return typeof value === 'object' && value !== null && 'url' in value;
}

function nameOf({ method, url, headers }: { method: string; url: string; headers: object }): string {
  const { searchParams } = new URL(url, 'http://store');
  const names = ['uploads', 'uploadId', 'delete'].filter((name) => searchParams.has(name));
  if ('x-amz-copy-source' in headers) names.push('copy');
  return [method, ...names].join(' ');
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

function watch(
  owner: object,
  name: string,
  step: string,
  isStep: (self: unknown, args: unknown[]) => boolean,
) {
  const original: AnyFunction = Reflect.get(owner, name);
  const watched: AnyFunction = function watched(...args) {
    if (!isStep(this, args)) return Reflect.apply(original, this, args);
    reach(`before ${step}`);
    const result = Reflect.apply(original, this, args);
    if (!(result instanceof Promise)) {
      reach(`after ${step}`);
      return result;
    }
    return result.then((value: unknown) => {
      reach(`after ${step}`);
      return value;
    });
  };
  Reflect.set(owner, name, watched);
}

const always = () => true;
const handle = await fs.open(import.meta.filename);
const handlePrototype: object = Object.getPrototypeOf(handle);
await handle.close();
watch(handlePrototype, 'write', 'write', always);
watch(handlePrototype, 'datasync', 'sync', always);
watch(handlePrototype, 'sync', 'sync of a name', always);
watch(fs, 'open', 'create', (_, [, flags]) => flags === 'wx');
watch(fs, 'unlink', 'remove', always);
watch(
  StatementSync.prototype,
  'run',
  'commit',
  (self) => Reflect.get(Object(self), 'sourceSQL') === 'COMMIT',
);
syncBuiltinESMExports();
