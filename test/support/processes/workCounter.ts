import { createHook } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { GCProfiler } from 'node:v8';

/** Objects that were made, by kind. */
export interface WorkCounts {
  readonly timers: number;
  readonly immediates: number;
  readonly nextTicks: number;
  readonly promises: number;
  readonly listeners: number;
  /** Bytes of new buffers, pooled ones too, but for those that sockets read into. */
  readonly bufferBytes: number;
}

const kinds: Readonly<Record<string, Exclude<keyof WorkCounts, 'listeners' | 'bufferBytes'>>> = {
  Timeout: 'timers',
  Immediate: 'immediates',
  TickObject: 'nextTicks',
  PROMISE: 'promises',
};

/** Bytes that this thread has taken from its heap while `run` ran, whether they are free again or not. */
export async function heapBytesOf(run: () => Promise<void>): Promise<number> {
  const profiler = new GCProfiler();
  const before = process.memoryUsage().heapUsed;
  profiler.start();
  await run();
  const collections = profiler.stop().statistics;
  let [bytes, free] = [0, before];
  for (const { beforeGC, afterGC } of collections) {
    bytes += beforeGC.heapStatistics.usedHeapSize - free;
    free = afterGC.heapStatistics.usedHeapSize;
  }
  return bytes + process.memoryUsage().heapUsed - free;
}

/** Everything that was made in this thread while `run` ran. */
export async function countWork(run: () => Promise<void>): Promise<WorkCounts> {
  const counts = { timers: 0, immediates: 0, nextTicks: 0, promises: 0, listeners: 0, bufferBytes: 0 };
  const hook = createHook({
    init: (_id, type) => {
      const kind = kinds[type];
      if (kind !== undefined) counts[kind]++;
    },
  });
  const restoreListeners = watch(EventEmitter.prototype, ['on', 'addListener', 'prependListener'], () => {
    counts.listeners++;
  });
  const restoreBuffers = watch(
    Buffer,
    ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat', 'from'],
    (made, [source]) => {
      const isView = source instanceof ArrayBuffer || source instanceof SharedArrayBuffer;
      if (Buffer.isBuffer(made) && !isView) counts.bufferBytes += made.byteLength;
    },
  );
  hook.enable();
  try {
    await run();
  } finally {
    hook.disable();
    restoreListeners();
    restoreBuffers();
  }
  return counts;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Tells of each call of the methods; gives the way back. */
function watch(
  owner: object,
  names: readonly string[],
  tell: (result: unknown, args: readonly unknown[]) => void,
): () => void {
  const methods = owner as Record<string, Method>;
  const originals = names.map((name) => [name, methods[name]] as const);
  for (const [name, original] of originals) {
    methods[name] = function (...args) {
      const result = original?.apply(this, args);
      tell(result, args);
      return result;
    };
  }
  return () => Object.assign(owner, Object.fromEntries(originals));
}
