import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchMessage } from '../contract/launch.ts';
import type { GatewayFailure } from './model/gatewayStatus.ts';
import type { StateFiles } from './stateFiles.ts';

export interface LaunchOptions {
  /** The folder of the extension. */
  readonly extensionFolder: string;
  readonly state: StateFiles;
  readonly port: number;
}

const launchWithinMs = 15_000;
const lowestNode = [22, 19] as const;

/** What a gateway needs of a window's environment. Nothing of Node's or VS Code's own, and no key (security.md 9). */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|SystemRoot|SystemDrive|windir|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|ComSpec|PATHEXT|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)$/i;

/**
 * Starts a gateway as a detached child (architecture.md, Spawn): it outlives this window. Resolves once it listens, or
 * with the reason why it does not. Never rejects.
 */
export async function launchGateway(options: LaunchOptions): Promise<GatewayFailure | undefined> {
  const runtime = gatewayRuntime();
  if (isTooOld(runtime.version)) return { kind: 'runtimeTooOld', version: runtime.version };
  let child: ChildProcess;
  try {
    child = spawnGateway(runtime.path, options);
  } catch (error) {
    return { kind: 'stateFolder', detail: (error as Error).message };
  }
  try {
    const message = await firstMessage(child);
    return message.event === 'listening' ? undefined : failureOf(message, options.port);
  } catch (error) {
    return { kind: 'crashed', detail: options.state.lastWords() || (error as Error).message };
  } finally {
    if (child.connected) child.disconnect();
    child.removeAllListeners();
    child.unref();
  }
}

function spawnGateway(runtime: string, { extensionFolder, state, port }: LaunchOptions): ChildProcess {
  state.create();
  const crashLog = state.openCrashLog();
  try {
    const program = join(extensionFolder, 'dist', 'gateway.js');
    return spawn(runtime, [program, '--port', String(port), '--state-dir', state.folder], {
      cwd: state.folder,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', crashLog, 'ipc'],
      env: { ...allowed(process.env), ELECTRON_RUN_AS_NODE: '1' },
    });
  } finally {
    closeSync(crashLog);
  }
}

function allowed(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)));
}

function firstMessage(child: ChildProcess): Promise<LaunchMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no sign of life within ${launchWithinMs / 1000} s`));
    }, launchWithinMs);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      then();
    };
    child.once('message', (message) => settle(() => resolve(message as LaunchMessage)));
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => reject(new Error(`exit ${signal ?? code}`))));
  });
}

function failureOf({ failure, message }: Extract<LaunchMessage, { event: 'failed' }>, port: number): GatewayFailure {
  switch (failure) {
    case 'portTaken':
    case 'portForbidden':
      return { kind: failure, port };
    case 'stateFolder':
    case 'crashed':
      return { kind: failure, detail: message };
    default:
      return { kind: 'crashed', detail: failure satisfies never };
  }
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
