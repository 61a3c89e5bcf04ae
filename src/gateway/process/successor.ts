import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { gatewayEnvironment } from '../../contract/gatewayEnvironment.ts';
import { type HandOverRequest, type InheritanceMessage, takeOverFlag } from '../../contract/handOver.ts';
import type { LaunchMessage, ReadyMessage } from '../../contract/launch.ts';
import type { ListeningSocket } from '../../proxy/listeningSocket.ts';
import { answersAt } from './answersAt.ts';
import type { StateDirectory } from './stateDirectory.ts';

const withinMs = 15_000;
const answerWithinMs = 5000;

/** Error codes of a send to a process that has closed its channel. */
const channelIsClosed: ReadonlySet<string> = new Set(['ERR_IPC_CHANNEL_CLOSED', 'EPIPE', 'ECONNRESET']);

/** The next gateway: a detached child process that loads, inherits the socket, configuration and keys, and serves. */
export class Successor {
  readonly #child: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  readonly #ready = Promise.withResolvers<void>();
  readonly #serves = Promise.withResolvers<number>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #port: number;

  /** Starts the process. Throws the system's error when the program cannot be started. */
  constructor(
    { runtime, program, env }: HandOverRequest,
    state: Pick<StateDirectory, 'path' | 'openCrashLog'>,
    port: number,
  ) {
    this.#port = port;
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
    // Promises that nobody awaits any more must not become unhandled rejections.
    this.#ready.promise.catch(() => undefined);
    this.#serves.promise.catch(() => undefined);
    this.#failed.promise.catch(() => undefined);
    this.#timer = setTimeout(() => this.#fail(new Error(`no sign of life within ${withinMs / 1000} s`)), withinMs);
    this.#child.on('message', (message) => this.#hear(message as LaunchMessage | ReadyMessage));
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.once('exit', (code, signal) => {
      const end = (): void => this.#fail(new Error(`it ended with ${signal ?? code}; see gateway.stderr`));
      // The process may have sent a last message that is still unread in the channel.
      if (this.#child.connected) this.#child.once('disconnect', end);
      else setImmediate(end);
    });
  }

  /** Resolves when the process is ready to inherit. Rejects when it fails or is killed. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Hands everything over; resolves with the process id when the process says that it serves. Rejects when it fails or is killed. */
  inherit(message: InheritanceMessage, socket: ListeningSocket): Promise<number> {
    this.#child.send(message, socket as unknown as SendHandle, (error: NodeJS.ErrnoException | null) => {
      // A successor that has closed its channel is about to exit; its exit code says more than this error.
      if (error !== null && !channelIsClosed.has(error.code ?? '')) this.#fail(error);
    });
    return this.#serves.promise;
  }

  /**
   * Resolves when the process has answered a request on the socket that it was given; until then it is only known to listen.
   * Rejects when it fails, is killed, or answers none in time.
   */
  async answers(pid: number): Promise<void> {
    const answered = answersAt(this.#port, pid, answerWithinMs);
    if (!(await Promise.race([answered, this.#failed.promise]))) {
      throw new Error(`it listens, and answers nothing within ${answerWithinMs / 1000} s`);
    }
  }

  /** Detaches from the process, which serves on its own from now on. */
  release(): void {
    this.#forget();
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  /** Ends the process; pending promises reject with `why`. */
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
    this.#failed.reject(error);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#child.removeAllListeners();
  }
}
