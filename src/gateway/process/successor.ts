import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Server } from 'node:net';
import { gatewayEnvironment } from '../../contract/gatewayEnvironment.ts';
import { type HandOverRequest, type InheritanceMessage, takeOverFlag } from '../../contract/handOver.ts';
import type { LaunchMessage, ReadyMessage } from '../../contract/launch.ts';
import type { StateDirectory } from './stateDirectory.ts';

const withinMs = 15_000;

/** Codes of the errors of a send to a process that no longer listens. */
const channelIsClosed: ReadonlySet<string> = new Set(['ERR_IPC_CHANNEL_CLOSED', 'EPIPE', 'ECONNRESET']);

/** The gateway that comes after this one: a detached child that is loaded, is given what we have, and serves. */
export class Successor {
  readonly #child: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  readonly #ready = Promise.withResolvers<void>();
  readonly #serves = Promise.withResolvers<number>();

  /** Starts it. Throws the system's error when there is no such program. */
  constructor(
    { runtime, program, env }: HandOverRequest,
    state: Pick<StateDirectory, 'path' | 'openCrashLog'>,
    port: number,
  ) {
    const crashLog = state.openCrashLog();
    try {
      const args = [program, '--port', String(port), '--state-dir', state.path, takeOverFlag];
      this.#child = spawn(runtime, args, {
        cwd: state.path,
        detached: true,
        windowsHide: true,
        stdio: ['ignore', 'ignore', crashLog, 'ipc'],
        env: gatewayEnvironment(env),
      });
    } finally {
      closeSync(crashLog);
    }
    // Whoever does not wait for one of them any more must not be told of it.
    this.#ready.promise.catch(() => undefined);
    this.#serves.promise.catch(() => undefined);
    this.#timer = setTimeout(() => this.#fail(new Error(`no sign of life within ${withinMs / 1000} s`)), withinMs);
    this.#child.on('message', (message) => this.#hear(message as LaunchMessage | ReadyMessage));
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.once('exit', (code, signal) => {
      const end = (): void => this.#fail(new Error(`it ended with ${signal ?? code}; see gateway.stderr`));
      // Its last message may lie unread in the channel still.
      if (this.#child.connected) this.#child.once('disconnect', end);
      else setImmediate(end);
    });
  }

  /** Resolves when it waits for what it inherits. Rejects with the reason why it never will. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Gives it all that we have; resolves with its process when it serves. Rejects with the reason why it does not. */
  inherit(message: InheritanceMessage, socket: Server): Promise<number> {
    this.#child.send(message, socket, (error: NodeJS.ErrnoException | null) => {
      // A successor that has left its channel is about to end, and how it ends says more.
      if (error !== null && !channelIsClosed.has(error.code ?? '')) this.#fail(error);
    });
    return this.#serves.promise;
  }

  /** It is on its own from now on. */
  release(): void {
    this.#forget();
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  /** It is not wanted any more; who still waits for it hears why. */
  kill(why = 'it is not wanted any more'): void {
    this.#fail(new Error(why));
    this.#forget();
    this.#child.on('error', () => undefined);
    this.#child.kill('SIGKILL');
  }

  #hear(message: LaunchMessage | ReadyMessage): void {
    switch (message.event) {
      case 'ready':
        this.#ready.resolve();
        break;
      case 'listening':
        this.#serves.resolve(message.pid);
        break;
      case 'failed':
        this.#fail(new Error(message.message));
        break;
      default:
        message satisfies never;
    }
  }

  #fail(error: Error): void {
    this.#ready.reject(error);
    this.#serves.reject(error);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#child.removeAllListeners();
  }
}
