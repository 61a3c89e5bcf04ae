import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { gatewayEnvironment } from '../../contract/gatewayEnvironment.ts';
import type { GatewayFailure } from '../model/gatewayStatus.ts';

/** The command by which a window runs the gateway. */
export interface GatewayProgram {
  readonly kind: 'found';
  /** The Node binary. */
  readonly runtime: string;
  readonly path: string;
  readonly env: Record<string, string>;
}

const lowestNode = [22, 19] as const;

/** The program in the extension's folder and the Node to run it with, or why there is none. Never rejects. */
export async function gatewayProgram(
  extensionFolder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<GatewayProgram | { readonly kind: 'failed'; readonly failure: GatewayFailure }> {
  const runtime = await gatewayRuntime(platform);
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
 * The Node of this process; on Windows a new enough `node` from PATH is preferred, because VS Code's updater waits for its
 * own executables to end.
 */
async function gatewayRuntime(platform: NodeJS.Platform): Promise<Runtime> {
  const own = { path: process.execPath, version: process.versions.node };
  if (platform !== 'win32') return own;
  const version = await versionOnPath();
  return version === undefined || isTooOld(version) ? own : { path: 'node', version };
}

/** The version of the `node` on PATH, `24.1.0`; undefined when there is none that answers. */
function versionOnPath(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('node', ['--version'], { timeout: 2000, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout.trim().replace(/^v/, '') : undefined),
    );
  });
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < lowestNode[0] || (major === lowestNode[0] && minor < lowestNode[1]);
}
