import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';

/** The other processes of this machine whose command line has this text, by id. */
export function processesNaming(text: string): ReadonlyMap<number, string> {
  const all = platform() === 'linux' ? linuxProcesses() : otherProcesses();
  return new Map(all.filter(([pid, command]) => pid !== process.pid && command.includes(text)));
}

function linuxProcesses(): (readonly [number, string])[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [[Number(pid), readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] as const];
    } catch {
      return [];
    }
  });
}

function otherProcesses(): (readonly [number, string])[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => [Number.parseInt(line, 10), line] as const);
}
