import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time that a process has used with all its threads, in microseconds. Linux only: nothing elsewhere, or when the
 * process is gone. The time of threads that have ended is missed where the scheduler's own counters are used.
 */
export function cpuTimeUs(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanoseconds = threads.reduce((sum, thread) => sum + threadTimeNs(pid, thread), 0);
    return nanoseconds > 0 ? nanoseconds / 1000 : tickTimeUs(pid);
  } catch {
    return undefined;
  }
}

/** Resident memory in MiB; nothing where /proc does not tell. */
export function residentMiB(pid: number): number | undefined {
  try {
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch {
    return undefined;
  }
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
