import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { FolderProblem, LaunchMessage } from '../../contract/launch.ts';
import type { GatewayFailure } from '../model/gatewayStatus.ts';
import { type GatewayProgram, gatewayProgram } from './gatewayProgram.ts';
import type { StateFiles } from './stateFiles.ts';

export interface LaunchOptions {
  /** The folder of the extension. */
  readonly extensionFolder: string;
  readonly state: StateFiles;
  readonly port: number;
}

/** The result of a start. `isKilled`: another process ended it, so the next try may succeed. */
export type LaunchEnd =
  | { readonly kind: 'up' }
  | { readonly kind: 'failed'; readonly failure: GatewayFailure; readonly isKilled?: boolean };

const launchWithinMs = 15_000;

/** A gateway was killed by a signal before it listened. */
class KilledError extends Error {}

/**
 * Starts a gateway as a detached child (architecture.md, Spawn) that outlives this window. Resolves when it listens, or with
 * the reason why it does not. Never rejects.
 */
export async function launchGateway(options: LaunchOptions): Promise<LaunchEnd> {
  const program = await gatewayProgram(options.extensionFolder);
  if (program.kind === 'failed') return program;
  let child: ChildProcess;
  try {
    child = spawnGateway(program, options);
  } catch (error) {
    return { kind: 'failed', failure: spawnFailure(options.state.folder, error as NodeJS.ErrnoException) };
  }
  try {
    const message = await firstMessage(child);
    if (message.event === 'listening') return { kind: 'up' };
    return { kind: 'failed', failure: failureOf(message, options.port) };
  } catch (error) {
    const detail = options.state.lastWords() || (error as Error).message;
    return { kind: 'failed', failure: { kind: 'crashed', detail }, isKilled: error instanceof KilledError };
  } finally {
    if (child.connected) child.disconnect();
    child.removeAllListeners();
    child.unref();
  }
}

function spawnGateway({ runtime, path, env }: GatewayProgram, { state, port }: LaunchOptions): ChildProcess {
  state.create();
  const crashLog = state.openCrashLog();
  try {
    return spawn(runtime, [path, '--port', String(port), '--state-dir', state.folder], {
      cwd: state.folder,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', crashLog, 'ipc'],
      env,
    });
  } finally {
    closeSync(crashLog);
  }
}

/** The failure before there is a process: the folder cannot be made or written, or the system starts no process. */
function spawnFailure(path: string, { code, syscall, message }: NodeJS.ErrnoException): GatewayFailure {
  if (code === undefined || syscall === 'spawn') return { kind: 'crashed', detail: message };
  const problem: FolderProblem = { code: syscall === 'mkdir' ? 'notCreated' : 'notWritten', path, error: code };
  return { kind: 'stateFolder', problem };
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
    child.once('exit', (code, signal) => {
      const isKilled = signal === 'SIGKILL' || signal === 'SIGTERM';
      const words = `exit ${signal ?? code}`;
      const ended = () => settle(() => reject(isKilled ? new KilledError(words) : new Error(words)));
      // The exit event can arrive before the last message, which may still be in the channel.
      if (child.connected) child.once('disconnect', ended);
      else setImmediate(ended);
    });
  });
}

function failureOf(message: Extract<LaunchMessage, { event: 'failed' }>, port: number): GatewayFailure {
  switch (message.failure) {
    case 'portTaken':
    case 'portForbidden':
      return { kind: message.failure, port };
    case 'stateFolder':
      return { kind: 'stateFolder', problem: message.problem };
    case 'crashed':
      return { kind: 'crashed', detail: message.message };
    default:
      return { kind: 'crashed', detail: String(message satisfies never) };
  }
}
