import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cleanEnvironment, isolatedHome } from '../processes/isolatedHome.ts';
import { installLanguagePack } from '../provision/languagePack.ts';
import { runQuietly } from '../provision/provision.ts';
import { vscodeServerFolder } from '../provision/provisionVscode.ts';
import { quietSettings } from './quietSettings.ts';
import { makeVscodeFolders, type VscodeServerFolders } from './vscodeFolders.ts';
import { replaceSettings, type VscodeSettings, writeSettings } from './writeSettings.ts';

export type { VscodeSettings };

/** How a VS Code server is started for a test. */
export interface VscodeServerOptions {
  /** Added to the environment of the server, and so of extension hosts and terminals. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The user's settings, beside those that keep the workbench quiet. */
  readonly settings?: VscodeSettings;
  /** The settings of the machine the server runs on: only here `machine` scoped settings have a value. */
  readonly machineSettings?: VscodeSettings;
  /** Extensions to install: packaged ones (.vsix files) or folders with a package.json, used where they are. */
  readonly extensions?: readonly string[];
  /**
   * Whether windows can run tests in their extension host and load an extension that is under development. VS Code
   * then shows no notifications and no dialogs, so this is not for looking at windows.
   */
  readonly isForHostTests?: boolean;
  /** Whether windows open in Restricted Mode, as for a folder that nobody trusts yet; else they trust every folder. */
  readonly isRestricted?: boolean;
}

/** A VS Code server on a free port of loopback; each page opened on it is a window with an extension host of its own. */
export interface VscodeServer {
  readonly url: string;
  readonly pid: number;
  readonly folders: VscodeServerFolders;
  /** All that the server wrote. */
  output(): string;
  /** Adds to the user's settings (undefined takes one away); open windows follow at once. */
  updateSettings(settings: VscodeSettings): void;
  /** Sets the settings of the user and of the machine, besides those that keep the workbench quiet, and no others. */
  replaceSettings(settings: VscodeSettings, machineSettings: VscodeSettings): void;
  /** How many extension hosts run: one for each open window, and for a moment one of a window that was closed. */
  extensionHosts(): number;
  /** Ends the server with its extension hosts and terminals, but nothing that these have detached. */
  stop(): Promise<void>;
}

const startWithinMs = 60_000;

/** Starts a server and resolves when it listens; rejects with its output when it does not. */
export async function startVscodeServer(options: VscodeServerOptions = {}): Promise<VscodeServer> {
  const vscode = await vscodeServerFolder();
  const program = path.join(vscode, 'out/server-main.js');
  const root = mkdtempSync(path.join(tmpdir(), 'signalbox-vscode-'));
  const folders = makeVscodeFolders(root, vscode);
  installLanguagePack(folders.userData);
  const settings = settingsIn(folders.userData);
  settings.replaceSettings(options.settings ?? {}, options.machineSettings ?? {});
  const dataFlags = [
    ...['--server-data-dir', folders.serverData],
    ...['--user-data-dir', folders.userData],
    ...['--extensions-dir', folders.extensions],
    ...['--builtin-extensions-dir', folders.builtIn],
  ];
  const environment = { ...cleanEnvironment(), ...isolatedHome(folders.home), ...options.environment };
  for (const extension of options.extensions ?? []) {
    if (extension.endsWith('.vsix')) {
      const flags = [...dataFlags, '--install-extension', path.resolve(extension)];
      await runQuietly(process.execPath, [program, ...flags], root, { environment });
    } else {
      linkExtension(extension, folders.extensions);
    }
  }

  const args = [program, ...dataFlags, ...flagsOf(options)];
  const child = spawn(process.execPath, args, { cwd: root, env: environment, detached: process.platform !== 'win32' });
  const output = collectOutput(child);
  const endWithUs = (): void => killGroup(child);
  process.once('exit', endWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', endWithUs);
    await endTree(child);
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const url = await listening(child, output);
    const extensionHosts = (): number => extensionHostsIn(output());
    return { url, pid: child.pid ?? 0, folders, output, ...settings, extensionHosts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settingsIn(userData: string): Pick<VscodeServer, 'updateSettings' | 'replaceSettings'> {
  const userFile = path.join(userData, 'User/settings.json');
  const machineFile = path.join(userData, 'Machine/settings.json');
  return {
    updateSettings: (settings) => writeSettings(userFile, settings),
    replaceSettings: (settings, machineSettings) => {
      replaceSettings(userFile, { ...quietSettings, ...settings });
      replaceSettings(machineFile, machineSettings);
    },
  };
}

function flagsOf({ isRestricted = false, isForHostTests = false }: VscodeServerOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
    ...['--telemetry-level', 'off', '--disable-update-check', '--disable-getting-started-override'],
    ...(isRestricted ? [] : ['--disable-workspace-trust']),
    ...(isForHostTests ? ['--enable-smoke-test-driver'] : []),
  ];
}

/** A server that starts takes every folder with a manifest there for an installed extension. */
function linkExtension(folder: string, extensions: string): void {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  symlinkSync(path.resolve(folder), path.join(extensions, `${publisher}.${name}-${version}`), 'junction');
}

function collectOutput(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return () => output;
}

/** By what a server tells of its processes; one that has ended well or not is told alike. */
function extensionHostsIn(output: string): number {
  const count = (words: RegExp): number => output.match(words)?.length ?? 0;
  return count(/> Launched Extension Host Process\./g) - count(/> Extension Host Process exited with/g);
}

function listening(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`the VS Code server ${why}\n${output()}`));
    };
    const timer = setTimeout(() => fail('did not listen in time'), startWithinMs);
    child.stdout?.on('data', () => {
      const port = /Extension host agent listening on (\d+)/.exec(output())?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${port}`);
    });
    child.once('error', (error) => fail(`did not start: ${error.message}`));
    child.once('exit', (code) => fail(`ended with ${code}`));
  });
}

async function endTree(child: ChildProcess): Promise<void> {
  const isOver = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const exited = isOver ? undefined : once(child, 'exit');
  killGroup(child);
  await exited;
}

/** The server leads a process group of its own; extension hosts and their children belong to it. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
