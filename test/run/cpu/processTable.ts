import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ProcessRow, ProcessTable } from './cpuAccount.ts';

/** Ticks a second in which Linux tells times to programs. */
export const ticksPerSecond = 100;

/** Whether this system has the table; only Linux does. */
export const hasProcessTable = existsSync('/proc/self/stat');

/** All processes at this moment. */
export function readProcessTable(): ProcessTable {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readRow(Number(pid)) ?? []);
  return new Map(rows.map((row) => [row.pid, row]));
}

/** Nothing for a process that has ended since the folder was read. */
function readRow(pid: number): ProcessRow | undefined {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Reads a line of /proc/PID/stat, see proc(5). */
export function parseStat(pid: number, line: string): ProcessRow {
  // The second field is the program's name, which may hold spaces and brackets; from the third on all are plain.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    startedAt: field(22),
    own: field(14) + field(15),
    reaped: field(16) + field(17),
  };
}
