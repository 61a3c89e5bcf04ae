import { spawn, spawnSync } from 'node:child_process';
import { endOf, type RunResult } from './runGateway.ts';

/** Whether this process may mount file systems that nobody else sees: on Linux, as root or where users may. */
export const canMount = process.platform === 'linux' && spawnSync('unshare', [...flags(), 'true']).status === 0;

function flags(): string[] {
  return process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
}

/**
 * Runs a program to its end where the shell script `prepare` has mounted something before (`$1`, `$2`... are `paths`); kills
 * it after the deadline. The mounts end with it.
 */
export function runWithMounts(
  prepare: string,
  paths: readonly string[],
  command: readonly string[],
  deadlineMs = 20_000,
): Promise<RunResult> {
  const script = `set -e; ${prepare}; shift ${paths.length}; exec "$@"`;
  const { PATH, HOME } = process.env;
  const args = [...flags(), 'sh', '-c', script, 'sh', ...paths, ...command];
  const child = spawn('unshare', args, { env: { PATH, HOME } });
  return endOf(child, deadlineMs);
}
