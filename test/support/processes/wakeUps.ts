import { readdirSync, readFileSync } from 'node:fs';

/** How often the threads of a process were switched to since their start. Linux only. */
export function wakeUps(pid: number): number {
  const counts = readdirSync(`/proc/${pid}/task`).flatMap((thread) => [
    ...readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8').matchAll(/voluntary_ctxt_switches:\s+(\d+)/g),
  ]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
