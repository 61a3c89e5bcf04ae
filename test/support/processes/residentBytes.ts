import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { GatewayProcess } from './startGateway.ts';

/** The memory that a gateway process holds now. */
export function residentBytes({ pid }: GatewayProcess): number {
  const kibibytes =
    process.platform === 'linux'
      ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kibibytes) * 1024;
}
