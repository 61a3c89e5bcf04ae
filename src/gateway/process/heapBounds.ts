import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8 would take 16 MiB, three times, in each thread. Requests make little that lives longer than they do. */
const youngMebibytes = 8;

/** Bounds the part of the heap for what is young, of this thread and those that it starts. Called before the first request. */
export function boundYoungHeap(): void {
  setFlagsFromString(`--max-semi-space-size=${youngMebibytes}`);
}

type Collect = (options: {
  readonly type: 'major';
  readonly execution: 'sync';
  readonly flavor: 'last-resort';
}) => void;

/**
 * Gives the system back the memory that the start has used and nothing holds any more: V8 does so by itself only under
 * pressure. Takes some 20 ms of the event loop.
 */
export function releaseHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
