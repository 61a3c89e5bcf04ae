import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { GatewayFailure } from './model/gatewayStatus.ts';

/** How the gateway's program is run by a window. */
export interface GatewayProgram {
  readonly kind: 'found';
  /** The Node to run it with. */
  readonly runtime: string;
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

const lowestNode = [22, 19] as const;

/** What a gateway needs of a window's environment. Nothing of Node's or VS Code's own, and no key (security.md 9). */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|SystemRoot|SystemDrive|windir|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|ComSpec|PATHEXT|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)$/i;

/** The program in the extension's folder and what it runs on, or why there is nothing that it could run on. */
export function gatewayProgram(
  extensionFolder: string,
): GatewayProgram | { readonly kind: 'failed'; readonly failure: GatewayFailure } {
  const runtime = gatewayRuntime();
  if (isTooOld(runtime.version))
    return { kind: 'failed', failure: { kind: 'runtimeTooOld', version: runtime.version } };
  const path = join(extensionFolder, 'dist', 'gateway.js');
  // Harmless where it is Node already.
  const env = { ...allowed(process.env), ELECTRON_RUN_AS_NODE: '1' };
  return { kind: 'found', runtime: runtime.path, path, env };
}

function allowed(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)));
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
