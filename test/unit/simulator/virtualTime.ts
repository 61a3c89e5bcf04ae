import { install } from '@sinonjs/fake-timers';

/** The real one: a turn of it lets everything happen that follows from an event without further time. */
const realSetImmediate = setImmediate;

const fakes = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'performance',
  'Date',
] as const;

/** The clocks and timers of this process, all of them ours: time passes only from one timer to the next. */
export interface VirtualTime {
  /** Timers that are set and not yet over. */
  readonly timerCount: number;
  /** Goes to the next timer, lets it fire, and everything that follows from that; false when there was none. */
  step(): Promise<boolean>;
}

/** Runs `body` under virtual time, which begins at zero on the monotonic clock and in June 2026 on the wall. */
export async function underVirtualTime<T>(body: (time: VirtualTime) => Promise<T>): Promise<T> {
  const clock = install({ now: Date.UTC(2026, 5, 1), toFake: [...fakes] });
  // All of this time is spent waiting: everything else takes none of it.
  Object.defineProperty(performance, 'nodeTiming', {
    value: {
      get idleTime() {
        return performance.now();
      },
    },
  });
  const time: VirtualTime = {
    get timerCount() {
      return clock.countTimers();
    },
    async step() {
      if (clock.countTimers() === 0) return false;
      clock.next();
      await new Promise((resolve) => realSetImmediate(resolve));
      return true;
    },
  };
  try {
    return await body(time);
  } finally {
    clock.uninstall();
  }
}
