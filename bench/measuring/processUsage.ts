import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that a process and those below it have used with all their threads, in microseconds. Linux only: nothing
 * elsewhere, or when the process is gone. The time of threads that have ended is missed where the scheduler's own counters
 * are used.
 */
export function cpuTimeUs(pid: number): number | undefined {
  return sumOverTree(pid, (each) => {
    const nanoseconds = threadsOf(each).reduce((sum, thread) => sum + threadTimeNs(each, thread), 0);
    return nanoseconds > 0 ? nanoseconds / 1000 : tickTimeUs(each);
  });
}

/** Resident memory of a process and those below it in MiB; nothing where /proc does not tell. */
export function residentMiB(pid: number): number | undefined {
  return sumOverTree(pid, (each) => {
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? Number.NaN) / 1024;
  });
}

/** How often the threads of a process and of those below it were switched to; nothing where /proc does not tell. */
export function contextSwitches(pid: number): number | undefined {
  return sumOverTree(pid, (each) =>
    threadsOf(each)
      .flatMap((thread) => [
        ...readFileSync(`/proc/${each}/task/${thread}/status`, 'utf8').matchAll(/voluntary_ctxt_switches:\s+(\d+)/g),
      ])
      .reduce((sum, [, count]) => sum + Number(count), 0),
  );
}

/** A peer may be a process that starts others, as nginx is. */
function sumOverTree(pid: number, read: (pid: number) => number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return treeOf(pid).reduce((sum, each) => sum + read(each), 0);
  } catch {
    return undefined;
  }
}

function treeOf(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`);
}

function threadTimeNs(pid: number, thread: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0] ?? 0);
}

/** Coarser, for kernels without schedstat: 10 ms a tick. */
function tickTimeUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10_000;
}
