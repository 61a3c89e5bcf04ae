// Loaded into a target by `--import`, for the suite of the event loop only: measures how long the target holds its loop.
//   BENCH_LOOP_FILE=FILE node --import bench/targets/loopProbe.ts ...     SIGUSR2 writes a LoopReport to FILE and begins again
import { openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** The longest times since the last report, in milliseconds, less those in which another process had the core. */
export interface LoopReport {
  /** One turn of the loop without its waiting for events: timers, all events of a poll, immediates. */
  readonly turnMs: number;
  /** One callback of a timer or an immediate: work that the target gives itself. */
  readonly ownMs: number;
}

type Callback = (this: unknown, ...args: unknown[]) => unknown;
type Scheduler = (callback: Callback, ...rest: unknown[]) => unknown;

const file = process.env['BENCH_LOOP_FILE'];
if (isMainThread && file !== undefined) watchLoop(file);

function watchLoop(reportFile: string): void {
  let turnMs = 0;
  let ownMs = 0;
  let isReporting = false;
  process.on('SIGUSR2', () => {
    const report: LoopReport = { turnMs, ownMs };
    writeFileSync(`${reportFile}.new`, JSON.stringify(report));
    renameSync(`${reportFile}.new`, reportFile);
    turnMs = 0;
    ownMs = 0;
    isReporting = true;
  });
  // An immediate that is not referenced runs once in each turn and makes none: the loop still sleeps when it is idle.
  const { setImmediate: nextTurn } = globalThis;
  const delayedMs = delayClock();
  const busyClock = (): number => performance.now() - performance.nodeTiming.idleTime - delayedMs();
  let endedAt = busyClock();
  const endTurn = (): void => {
    const now = busyClock();
    // A sleep that a signal breaks is missing from the idle time.
    if (!isReporting) turnMs = Math.max(turnMs, now - endedAt);
    isReporting = false;
    endedAt = now;
    nextTurn(endTurn).unref();
  };
  nextTurn(endTurn).unref();
  timeCallbacks(busyClock, (ms) => {
    ownMs = Math.max(ownMs, ms);
  });
}

/** How long this thread has been ready to run while others ran, in all; 0 where the scheduler does not tell. */
function delayClock(): () => number {
  if (process.platform !== 'linux') return () => 0;
  const schedstat = openSync('/proc/thread-self/schedstat', 'r');
  const text = Buffer.alloc(128);
  return () => Number(text.toString('latin1', 0, readSync(schedstat, text, 0, text.length, 0)).split(' ')[1]) / 1e6;
}

/** Replaces the functions that make timers and immediates by ones that tell how long each callback ran. */
function timeCallbacks(clock: () => number, tell: (ms: number) => void): void {
  const timers: Record<string, unknown> = createRequire(import.meta.url)('node:timers');
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    const schedule = globalThis[name] as unknown as Scheduler;
    const timed: Scheduler = (callback, ...rest) => {
      const measured: Callback = function (...args) {
        const startedAt = clock();
        try {
          return callback.apply(this, args);
        } finally {
          tell(clock() - startedAt);
        }
      };
      return schedule(measured, ...rest);
    };
    // With what `promisify` looks for.
    Object.defineProperties(timed, Object.getOwnPropertyDescriptors(schedule));
    Object.assign(globalThis, { [name]: timed });
    timers[name] = timed;
  }
  syncBuiltinESMExports();
}
