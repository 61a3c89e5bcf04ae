import { randomBytes } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { type Owner, protocolVersion } from '../contract/snapshot.ts';
import type { Config } from '../core/config.ts';
import { Listener } from '../proxy/listener.ts';
import { ControlServer } from './controlServer.ts';
import { Gateway } from './gateway.ts';
import { GatewayLog } from './gatewayLog.ts';
import { LingerTimer } from './lingerTimer.ts';
import { StateDirectory } from './stateDirectory.ts';

export interface ServerOptions {
  readonly owner: Owner;
  /** Undefined: a window will bring it. */
  readonly config: Config | undefined;
  readonly port: number;
  readonly stateDir: string;
  readonly build: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where people read the log along. */
  readonly console: ((text: string) => void) | undefined;
}

const firstConfigWithinMs = 5000;

/** A gateway process: binds the port (that is the lock), serves, and ends cleanly. */
export class GatewayServer {
  readonly gateway: Gateway;
  readonly #listener: Listener;
  readonly #log: GatewayLog;
  readonly #state: StateDirectory;
  readonly #linger: LingerTimer;
  readonly #options: ServerOptions;
  #clientToken: Buffer | undefined;
  #hasStarted: Promise<void> | undefined;
  #hasEnded: Promise<void> | undefined;

  /** Throws `StateDirectoryError` when the state folder cannot be used. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#state = new StateDirectory(options.stateDir);
    const controlToken = this.#state.token('control-token');
    const clientToken = clientTokenOf(options, () => this.#state.token('client-token'));
    this.#clientToken = clientToken === undefined ? undefined : Buffer.from(clientToken);
    this.#log = new GatewayLog({ path: this.#state.logPath, console: options.console });
    const instanceId = randomBytes(4).toString('hex');
    this.#linger = new LingerTimer(() => void this.stop('nobody needs it any more'));
    this.gateway = new Gateway(this.#log, {
      clock: systemClock,
      random: Math.random,
      env: options.env,
      owner: options.owner,
      build: options.build,
      stateDir: this.#state.path,
      instanceId,
      tokens: [controlToken, ...(clientToken === undefined ? [] : [clientToken])],
      onShutdown: () => {
        this.#state.setStopped(true);
        void this.stop('asked to stop');
      },
      onSubscribers: () => this.#watchLinger(),
    });
    const control = new ControlServer(this.gateway, controlToken);
    this.#listener = new Listener({
      dataPath: () => this.gateway.dataPath(firstConfigWithinMs),
      allowedHosts: () => this.gateway.config?.allowedHosts ?? [],
      clientToken: () => this.#clientToken,
      control: (request, response, target) => control.handle(request, response, target),
      isDraining: () => this.gateway.isDraining,
      onLoad: (change) => {
        this.gateway.loadChanged(change);
        this.#watchLinger();
      },
      onError: (error) => this.#log.error('request failed inside the gateway', { error: stackOf(error) }),
      instanceId,
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

  async #bind(): Promise<void> {
    const { owner, config, build } = this.#options;
    try {
      await this.#listener.listen(this.#options.port);
    } catch (error) {
      await this.#dispose();
      throw error;
    }
    this.#state.setStopped(false);
    this.#state.writeGatewayFile({
      pid: process.pid,
      startedAtMs: Math.round(Date.now()),
      port: this.port,
      protocol: protocolVersion,
      build,
    });
    this.gateway.listeningOn(this.port);
    this.#log.info('listening', { url: `http://127.0.0.1:${this.port}`, pid: process.pid, owner, build });
    if (config === undefined) return this.#watchLinger();
    this.gateway.apply(config);
    if (config.warmup.onStart) void this.gateway.warmUpAll();
  }

  /** Stops accepting, lets running requests end, then closes everything. Resolves when nothing is left. */
  stop(reason: string): Promise<void> {
    this.#hasEnded ??= this.#drain(reason);
    return this.#hasEnded;
  }

  async #drain(reason: string): Promise<void> {
    await this.#hasStarted;
    this.#log.info('stopping', { reason, inFlight: this.gateway.inFlight });
    this.#linger.stop();
    this.gateway.drain();
    await this.#listener.drain();
    this.#log.info('stopped', { reason });
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
    this.#linger.watch(isNeeded, this.gateway.config?.lingerSeconds);
  }
}

function clientTokenOf({ config, owner, env }: ServerOptions, ownToken: () => string): string | undefined {
  const configured = config?.clientToken;
  if (configured === null || (owner === 'demo' && configured === undefined)) return undefined;
  if (configured === undefined) return ownToken();
  return configured.startsWith('env:') ? env[configured.slice('env:'.length)] : configured;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
