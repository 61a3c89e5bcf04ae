import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';

/** The two cores of a pinned run. */
export interface Pinning {
  /** Driver and simulator. */
  readonly driverCore: number;
  /** Every target; they take turns. */
  readonly targetCore: number;
}

/** Pins this process to its core and says where the others belong; nothing where there is no `taskset` or one core. */
export function pinDriver(): Pinning | undefined {
  const [driverCore, targetCore] = allowedCores();
  if (driverCore === undefined || targetCore === undefined) return undefined;
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', String(driverCore), String(process.pid)]);
  return status === 0 ? { driverCore, targetCore } : undefined;
}

/** One line: what the figures were measured on. */
export function machineLine(pinning: Pinning | undefined): string {
  const pinned =
    pinning === undefined
      ? 'not pinned'
      : `simulator and driver pinned to core ${pinning.driverCore}, targets to core ${pinning.targetCore}`;
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return [
    `${model}, ${cpus().length} cores`,
    `${process.platform} ${release()}`,
    `Node ${process.versions.node}`,
    new Date().toISOString().slice(0, 16),
    `load of the machine before the run ${loadavg()[0]?.toFixed(1)}`,
    pinned,
  ].join('; ');
}

function allowedCores(): number[] {
  if (process.platform !== 'linux') return [];
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.min(last - first + 1, 2) }, (_, index) => first + index);
  });
}
