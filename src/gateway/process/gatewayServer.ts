import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { HandOverRequest } from '../../contract/handOver.ts';
import { type Owner, protocolVersion } from '../../contract/snapshot.ts';
import type { Config } from '../../core/config/config.ts';
import { Listener, type ListenerTimes, listenerTimes } from '../../proxy/listener.ts';
import { ControlServer } from '../control/controlServer.ts';
import { fromEnvironment } from '../endpoints/fromEnvironment.ts';
import { Gateway, type HandOverResult } from '../gateway.ts';
import { GatewayLog } from '../record/gatewayLog.ts';
import { SavedStateFile } from '../savedState/savedStateFile.ts';
import type { Inheritance } from './inheritance.ts';
import { LingerTimer } from './lingerTimer.ts';
import { StateDirectory } from './stateDirectory.ts';
import { Successor } from './successor.ts';

export interface ServerOptions {
  readonly owner: Owner;
  /** Undefined: a window will bring it. */
  readonly config: Config | undefined;
  readonly port: number;
  readonly stateDir: string;
  readonly build: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the gateway in whose place this one serves; undefined: it binds the port itself. */
  readonly inheritance: Inheritance | undefined;
  /** A window has started this process, and may be gone before it has brought a configuration. */
  readonly isLaunchedByWindow: boolean;
  readonly clock: Clock;
  /** Those that are not to be `serverTimes`. */
  readonly times?: Partial<ServerTimes>;
  /** Where people read the log along. */
  readonly console: ((text: string) => void) | undefined;
}

/** How long the server waits for clients and windows. */
interface ServerTimes extends ListenerTimes {
  /** A request waits this long for the first configuration. */
  readonly firstConfigMs: number;
}

const serverTimes: ServerTimes = { ...listenerTimes, firstConfigMs: 5000 };
/** A gateway without a configuration is of use to nobody: nothing is lost with it. */
const unconfiguredLingerSeconds = 10;

/** A gateway process: binds the port (that is the lock), serves, and ends cleanly. */
export class GatewayServer {
  readonly gateway: Gateway;
  readonly #listener: Listener;
  readonly #log: GatewayLog;
  readonly #state: StateDirectory;
  readonly #linger: LingerTimer;
  readonly #options: ServerOptions;
  #clientToken: { readonly of: Config | undefined; readonly bytes: Buffer | undefined } | undefined;
  readonly #startedAtMs = Date.now();
  #hasStarted: Promise<void> | undefined;
  #hasEnded: Promise<void> | undefined;
  #hasHandedOver = false;
  /** On its way to serve in our place. */
  #successor: Successor | undefined;

  /** Throws `StateDirectoryError` when the state folder cannot be used. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#state = new StateDirectory(options.stateDir);
    const controlToken = this.#state.token('control-token');
    this.#log = new GatewayLog({ path: this.#state.logPath, console: options.console });
    const instanceId = randomBytes(4).toString('hex');
    this.#linger = new LingerTimer(() => void this.stop('nobody needs it any more'));
    this.gateway = new Gateway(this.#log, {
      clock: options.clock,
      random: Math.random,
      env: options.env,
      owner: options.owner,
      build: options.build,
      stateDir: this.#state.path,
      instanceId,
      savedStateFile: options.owner === 'demo' ? undefined : this.#savedStateFile(),
      metricsPath: options.owner === 'demo' ? ':memory:' : this.#state.metricsPath,
      markSecret: controlToken,
      tokens: () => [controlToken, this.#clientTokenBytes()?.toString() ?? ''],
      moveTo: (port) => this.#moveTo(port),
      onShutdown: () => {
        // The one that serves in our place is not meant to be taken for stopped.
        if (this.#hasHandedOver) return false;
        this.#markStopped();
        void this.stop('asked to stop');
        return true;
      },
      onHandOver: (request) => this.#handOver(request),
      onUse: () => this.#watchLinger(),
    });
    const times = { ...serverTimes, ...options.times };
    const control = new ControlServer(this.gateway, controlToken);
    this.#listener = new Listener({
      dataPath: () => this.gateway.dataPath(times.firstConfigMs),
      allowedHosts: () => this.gateway.config?.allowedHosts ?? [],
      clientToken: () => this.#clientTokenBytes(),
      control: (request, response, target) => control.handle(request, response, target),
      isDraining: () => this.gateway.isDraining,
      onLoad: (change) => {
        this.gateway.loadChanged(change);
        this.#watchLinger();
      },
      onError: (error) => this.#log.error('request failed inside the gateway', { error: stackOf(error) }),
      instanceId,
      times,
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Binds and serves. Rejects with the system's error (`EADDRINUSE`) when the port cannot be had. */
  start(): Promise<void> {
    this.#hasStarted = this.#bind();
    return this.#hasStarted;
  }

  /** A disk that takes no mark must not keep a gateway from being stopped. */
  #markStopped(): void {
    try {
      this.#state.setStopped(true);
    } catch (error) {
      this.#log.warn('windows may start it again', { error: (error as Error).message });
    }
  }

  #savedStateFile(): SavedStateFile {
    const isOurs = (): boolean => this.#state.belongsTo(process.pid);
    return new SavedStateFile({ folder: this.#state.path, logger: this.#log, isOurs });
  }

  async #bind(): Promise<void> {
    const { owner, config, inheritance } = this.#options;
    try {
      if (inheritance !== undefined) await this.gateway.inherit(inheritance);
      await this.#listener.listen(inheritance?.socket ?? this.#options.port);
    } catch (error) {
      await this.#dispose();
      throw error;
    }
    this.#state.setStopped(false);
    this.#tellPort();
    this.#log.info('listening', {
      url: `http://127.0.0.1:${this.port}`,
      pid: process.pid,
      owner,
      build: this.#options.build,
    });
    if (config === undefined) return this.#watchLinger();
    this.gateway.apply(config);
    if (config.warmup.onStart) void this.gateway.actions.warmUpAll();
  }

  async #moveTo(port: number): Promise<void> {
    // Nobody would ever close a port that is bound now; and a successor on its way has the socket of the one before.
    if (this.#hasEnded !== undefined) throw new Error('this gateway is about to end');
    this.#successor?.kill('the port has changed meanwhile');
    await this.#listener.listen(port);
    this.#tellPort();
    this.#log.info('moved', { url: `http://127.0.0.1:${this.port}` });
  }

  #tellPort(): void {
    const { build } = this.#options;
    const startedAtMs = Math.round(this.#startedAtMs);
    this.#state.writeGatewayFile({ pid: process.pid, startedAtMs, port: this.port, protocol: protocolVersion, build });
    this.gateway.listeningOn(this.port);
  }

  /** The client token of the configuration of the moment. */
  #clientTokenBytes(): Buffer | undefined {
    const config = this.gateway?.config ?? this.#options.config;
    if (this.#clientToken === undefined || this.#clientToken.of !== config) {
      const token = clientTokenOf(config, this.#options.env, () => this.#state.token('client-token'));
      this.#clientToken = { of: config, bytes: token === undefined ? undefined : Buffer.from(token) };
    }
    return this.#clientToken.bytes;
  }

  /** Stops accepting, lets running requests end, then closes everything. Resolves when nothing is left. */
  stop(reason: string): Promise<void> {
    if (this.#hasEnded === undefined) this.#successor?.kill();
    this.#hasEnded ??= this.#drain(reason);
    return this.#hasEnded;
  }

  async #drain(reason: string): Promise<void> {
    await this.#hasStarted;
    this.#log.info('stopping', { reason, inFlight: this.gateway.inFlight });
    this.#linger.stop();
    // Before anybody is told: who hears that this one has stopped wants the port at once, and reads the file.
    await this.gateway.saveState();
    this.gateway.drain('stopped');
    await this.#listener.drain();
    this.#log.info('stopped', { reason });
    await this.#dispose();
  }

  /** Another program serves from now on, on the same socket; until it does, and if it does not, this one goes on. */
  async #handOver(request: HandOverRequest): Promise<HandOverResult> {
    const socket = this.#listener.socket;
    if (this.#options.owner !== 'window') {
      const message = 'this gateway was started with --config or --demo. Restart it where it was started';
      return { kind: 'refused', status: 409, message };
    }
    const isLeaving = this.#successor !== undefined || this.#hasEnded !== undefined || socket === undefined;
    if (request.pid !== process.pid || isLeaving) {
      return { kind: 'refused', status: 409, message: 'another gateway is taking over' };
    }
    try {
      this.#successor = new Successor(request, this.#state, this.port);
      await this.#successor.ready();
      await this.gateway.saveState();
      const pid = await this.#successor.inherit(this.gateway.legacy, socket);
      this.#successor.release();
      this.#hasHandedOver = true;
      this.#hasEnded = this.#leaveTo(pid);
      return { kind: 'ok', answer: { pid } };
    } catch (error) {
      this.#successor?.kill();
      this.#successor = undefined;
      const { message } = error as Error;
      // It may have announced itself before it failed; whom the folder does not belong to writes no state down.
      if (this.#hasEnded === undefined && !this.#state.belongsTo(process.pid)) this.#tellPort();
      this.#log.error('hand-over failed, this gateway goes on', { program: request.program, error: message });
      return { kind: 'refused', status: 502, message };
    }
  }

  /** What was begun here is brought to its end here. */
  async #leaveTo(pid: number): Promise<void> {
    this.#log.info('handed over', { to: pid, inFlight: this.gateway.inFlight });
    this.#linger.stop();
    // First of all: a connection that comes now is the other one's.
    const ended = this.#listener.handOver();
    this.gateway.drain('moved');
    await ended;
    this.#log.info('stopped', { reason: 'another gateway serves' });
    await this.#dispose();
  }

  async #dispose(): Promise<void> {
    await this.gateway.dispose();
    this.#state.removeGatewayFile(process.pid);
    await this.#log.close();
  }

  #watchLinger(): void {
    if (this.#options.owner !== 'window' || this.#hasEnded !== undefined) return;
    const isNeeded = this.gateway.events.subscriberCount > 0 || this.gateway.inFlight > 0;
    const { config } = this.gateway;
    const unconfigured = this.#options.isLaunchedByWindow ? unconfiguredLingerSeconds : undefined;
    this.#linger.watch(isNeeded, config === undefined ? unconfigured : config.lingerSeconds);
  }
}

/** A reference to a variable that is not set does not open the door: our own token holds then. */
function clientTokenOf(
  config: Config | undefined,
  env: ServerOptions['env'],
  ownToken: () => string,
): string | undefined {
  const configured = config?.clientToken;
  if (configured === null) return undefined;
  if (configured === undefined) return ownToken();
  return configured.startsWith('env:') ? fromEnvironment(configured, env) || ownToken() : configured;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
