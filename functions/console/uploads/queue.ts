import type { StowageClient } from '../../../lib/client/client.ts';
import type { PickedFile } from './picked-file.ts';
import { createRateMeter, type RateMeter } from './rate-meter.ts';
import { discardUpload, sendFile } from './send-file.ts';

export type UploadState = 'waiting' | 'sending' | 'paused' | 'failed' | 'done';

/** A file on its way, as it stood when it was asked for. */
export interface Upload {
  readonly id: number;
  readonly bucket: string;
  readonly key: string;
  readonly file: File;
  readonly state: UploadState;
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  /** Why it has failed. */
  readonly error?: unknown;
}

/** Sends files, a few at a time, in the order in which they came. */
export interface UploadQueue {
  /** All of them, as they stand now. */
  uploads(): readonly Upload[];
  /** Told of each change, and a few times a second while something is sent. @returns ends the subscription */
  subscribe(listener: () => void): () => void;
  /** Told of each upload that has become an object. @returns ends the subscription */
  onUploaded(listener: (upload: Upload) => void): () => void;
  /** @param folder - goes before each file's path */
  add(bucket: string, folder: string, files: readonly PickedFile[]): void;
  pause(id: number): void;
  /** Goes on with a paused or failed upload. @param replaces - writes over the object that is there */
  resume(id: number, options?: { readonly replaces: boolean }): void;
  /** Ends an upload, whatever its state, and takes it out of the list. */
  remove(id: number): void;
  /** Ends all that is under way and forgets it. What storage has received can still be gone on with. */
  stop(): void;
}

interface Task {
  upload: Upload;
  replaces: boolean;
  sentBytes: number;
  meter: RateMeter;
  controller: AbortController | undefined;
}

/**
 * A browser has six connections to a server: three uploads of two parts each fill them, and a small file need not wait
 * for the parts of a large one. An upload that is alone gets more.
 */
const parallelUploads = 3;
const parallelPartsOfMany = 2;
const parallelPartsOfOne = 5;

/** Smooth to the eye, and easy on the processor. */
const tickMilliseconds = 250;

export function createUploadQueue(client: StowageClient): UploadQueue {
  const tasks = new Map<number, Task>();
  const listeners = new Set<() => void>();
  const uploadedListeners = new Set<(upload: Upload) => void>();
  let snapshot: readonly Upload[] = [];
  let lastId = 0;
  let ticking: ReturnType<typeof setInterval> | undefined;

  function publish(): void {
    snapshot = Array.from(tasks.values(), ({ upload }) => upload);
    for (const listener of listeners) listener();
  }

  function change(task: Task, changes: Partial<Upload>): void {
    task.upload = { ...task.upload, bytesPerSecond: 0, ...changes };
  }

  function inState(state: UploadState): readonly Task[] {
    return [...tasks.values()].filter(({ upload }) => upload.state === state);
  }

  /** Starts what there is room for. Called after every change of a state. */
  function advance(): void {
    const room = parallelUploads - inState('sending').length;
    const waiting = inState('waiting');
    const isAlone = room === parallelUploads && waiting.length === 1;
    const parallelParts = isAlone ? parallelPartsOfOne : parallelPartsOfMany;
    for (const task of waiting.slice(0, Math.max(0, room))) void send(task, parallelParts);
    const isSending = inState('sending').length > 0;
    if (isSending) ticking ??= setInterval(tick, tickMilliseconds);
    else {
      clearInterval(ticking);
      ticking = undefined;
    }
    publish();
  }

  function tick(): void {
    const now = performance.now();
    for (const task of inState('sending')) {
      const { sentBytes } = task;
      change(task, { sentBytes, bytesPerSecond: task.meter.measure(sentBytes, now) });
    }
    publish();
  }

  async function send(task: Task, parallelParts: number): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    task.controller = controller;
    task.meter = createRateMeter();
    change(task, { state: 'sending', error: undefined });
    try {
      await sendFile(client, task.upload, {
        replaces: task.replaces,
        parallelParts,
        signal,
        onProgress: (sentBytes) => {
          task.sentBytes = sentBytes;
        },
      });
      change(task, { state: 'done', sentBytes: task.upload.file.size });
      for (const listener of uploadedListeners) listener(task.upload);
    } catch (error) {
      // Whoever has stopped it has changed its state, too.
      if (signal.aborted) return;
      change(task, { state: 'failed', error });
    }
    advance();
  }

  return {
    uploads: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onUploaded(listener) {
      uploadedListeners.add(listener);
      return () => uploadedListeners.delete(listener);
    },
    add(bucket, folder, files) {
      for (const { path, file } of files) {
        lastId += 1;
        tasks.set(lastId, {
          upload: {
            id: lastId,
            bucket,
            key: folder + path,
            file,
            state: 'waiting',
            sentBytes: 0,
            bytesPerSecond: 0,
          },
          replaces: false,
          sentBytes: 0,
          meter: createRateMeter(),
          controller: undefined,
        });
      }
      advance();
    },
    pause(id) {
      const task = tasks.get(id);
      if (!task) return;
      change(task, { state: 'paused' });
      task.controller?.abort();
      advance();
    },
    resume(id, { replaces } = { replaces: false }) {
      const task = tasks.get(id);
      if (!task) return;
      if (replaces) {
        task.replaces = true;
        // It was begun under the condition that the key is free.
        void discardUpload(client, task.upload);
      }
      change(task, { state: 'waiting', error: undefined });
      advance();
    },
    remove(id) {
      const task = tasks.get(id);
      if (!task) return;
      tasks.delete(id);
      task.controller?.abort();
      if (task.upload.state !== 'done') void discardUpload(client, task.upload);
      advance();
    },
    stop() {
      const stopped = [...tasks.values()];
      tasks.clear();
      for (const { controller } of stopped) controller?.abort();
      advance();
    },
  };
}
