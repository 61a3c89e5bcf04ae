import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gatewayEnvironment } from '../../contract/gatewayEnvironment.ts';
import type { GatewayFailure } from '../model/gatewayStatus.ts';

/** How the gateway's program is run by a window. */
export interface GatewayProgram {
  readonly kind: 'found';
  /** The Node to run it with. */
  readonly runtime: string;
  readonly path: string;
  readonly env: Record<string, string>;
}

const lowestNode = [22, 19] as const;

/** The program in the extension's folder and what it runs on, or why there is nothing that it could run on. */
export function gatewayProgram(
  extensionFolder: string,
): GatewayProgram | { readonly kind: 'failed'; readonly failure: GatewayFailure } {
  const runtime = gatewayRuntime();
  if (isTooOld(runtime.version))
    return { kind: 'failed', failure: { kind: 'runtimeTooOld', version: runtime.version } };
  const path = join(extensionFolder, 'dist', 'gateway.js');
  return { kind: 'found', runtime: runtime.path, path, env: gatewayEnvironment(process.env) };
}

interface Runtime {
  readonly path: string;
  readonly version: string;
}

/**
 * The Node to run it with: this very one. On Windows a `node` from PATH is better where it is new enough, because VS
 * Code's updater waits for its own executable to end.
 */
function gatewayRuntime(): Runtime {
  const own = { path: process.execPath, version: process.versions.node };
  if (process.platform !== 'win32') return own;
  try {
    const version = execFileSync('node', ['--version'], { encoding: 'utf8', timeout: 2000, windowsHide: true });
    const installed = { path: 'node', version: version.trim().replace(/^v/, '') };
    return isTooOld(installed.version) ? own : installed;
  } catch {
    return own;
  }
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < lowestNode[0] || (major === lowestNode[0] && minor < lowestNode[1]);
}
