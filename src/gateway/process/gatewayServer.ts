import { settledWithin } from '../../base/settledWithin.ts';
import type { HandOverRequest } from '../../contract/handOver.ts';
import type { Gateway } from '../gateway.ts';
import type { HandOverResult, Lifecycle } from '../lifecycle.ts';
import type { SettingsInForce } from '../settingsInForce.ts';
import { answersAt } from './answersAt.ts';
import { type Assembly, type AssemblyOptions, assembleGateway } from './assembleGateway.ts';
import type { Inheritance } from './inheritance.ts';
import { LingerTimer } from './lingerTimer.ts';
import { StateDirectory } from './stateDirectory.ts';
import { StateDirectoryError } from './stateDirectoryError.ts';
import { Successor } from './successor.ts';

export interface ServerOptions extends AssemblyOptions {
  readonly port: number;
  readonly stateDir: string;
  /** From the gateway in whose place this one serves; undefined: it binds the port itself. */
  readonly inheritance: Inheritance | undefined;
  /** A window has started this process, and may be gone before it has pushed a configuration. */
  readonly isLaunchedByWindow: boolean;
}

/** Short: a gateway that never got a configuration serves nobody. */
const unconfiguredLingerSeconds = 10;

const saveWithinMs = 2000;
/** For a gateway that uses the same folder to answer; one that has ended refuses at once. */
const aloneWithinMs = 500;

/** Where a gateway process is in its life. */
type Phase =
  /** `isBound`: false when the start has failed; then nothing is left. */
  | { readonly kind: 'starting'; readonly isBound: Promise<boolean> }
  | { readonly kind: 'serving' }
  /** Serves, and goes on if the successor fails. `isGiven`: the successor gets what is in force now. */
  | { readonly kind: 'handingOver'; readonly successor: Successor; readonly isGiven: boolean }
  /** Takes no new connection and ends with the last request. `moved`: a successor serves. */
  | { readonly kind: 'leaving'; readonly reason: 'stopped' | 'moved'; readonly ended: Promise<void> }
  | { readonly kind: 'ended' };

/** A gateway process: binds the port (that is the lock), serves, and ends cleanly. */
export class GatewayServer implements Lifecycle {
  readonly #options: ServerOptions;
  readonly #state: StateDirectory;
  readonly #parts: Assembly;
  readonly #linger = new LingerTimer(() => void this.stop('not used any more'));
  #phase: Phase = { kind: 'starting', isBound: Promise.resolve(true) };

  /** Throws `StateDirectoryError` when the state folder cannot be used. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#state = new StateDirectory(options.stateDir);
    this.#parts = assembleGateway(options, this.#state, this);
    this.gateway.useChanged.on(() => this.#watchLinger());
  }

  get gateway(): Gateway {
    return this.#parts.gateway;
  }

  get settings(): SettingsInForce {
    return this.#parts.settings;
  }

  get port(): number {
    return this.#parts.listener.port;
  }

  /** Binds and serves. Rejects with the system's error (`EADDRINUSE`) when the port cannot be had. */
  start(): Promise<void> {
    const bound = this.#bind();
    const isBound = Promise.allSettled([bound]).then(([{ status }]) => status === 'fulfilled');
    this.#phase = { kind: 'starting', isBound };
    return bound;
  }

  /** Stops accepting, lets running requests end, then closes everything. Resolves when nothing is left. */
  stop(reason: string): Promise<void> {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'starting':
        return this.#leave('stopped', () => this.#drain(reason, phase.isBound));
      case 'handingOver':
        phase.successor.kill();
        return this.#leave('stopped', () => this.#drain(reason));
      case 'serving':
        return this.#leave('stopped', () => this.#drain(reason));
      case 'leaving':
        return phase.ended;
      case 'ended':
        return Promise.resolve();
      default:
        return phase satisfies never;
    }
  }

  shutdown(): boolean {
    // The mark `stopped` would hold for the successor.
    if (this.#phase.kind === 'leaving' && this.#phase.reason === 'moved') return false;
    this.#markStopped();
    void this.stop('asked to stop');
    return true;
  }

  get isHandingOver(): boolean {
    const phase = this.#phase;
    return (phase.kind === 'handingOver' && phase.isGiven) || (phase.kind === 'leaving' && phase.reason === 'moved');
  }

  async moveTo(port: number): Promise<void> {
    const phase = this.#phase;
    // Nobody would close a port that is bound now.
    if (phase.kind === 'leaving' || phase.kind === 'ended') throw new Error('this gateway is about to end');
    // The successor was given the socket of the old port.
    if (phase.kind === 'handingOver') {
      phase.successor.kill('the port has changed meanwhile');
      this.#phase = { kind: 'serving' };
    }
    const { listener, log, gateway } = this.#parts;
    await listener.listen(port);
    this.#announcePort();
    log.info('moved', { url: `http://127.0.0.1:${this.port}` });
    gateway.events.end('moved', port);
  }

  async handOver(request: HandOverRequest): Promise<HandOverResult> {
    const { listener, settings, log } = this.#parts;
    const { socket } = listener;
    if (this.#options.owner !== 'window') {
      const message = 'this gateway was started with --config or --demo. Restart it where it was started';
      return { kind: 'refused', status: 409, message };
    }
    if (request.pid !== process.pid || this.#phase.kind !== 'serving' || socket === undefined) {
      return { kind: 'refused', status: 409, message: 'another gateway is taking over' };
    }
    try {
      const successor = new Successor(request, this.#state, this.port);
      this.#phase = { kind: 'handingOver', successor, isGiven: false };
      await successor.ready();
      if (this.#phase.kind === 'handingOver') this.#phase = { ...this.#phase, isGiven: true };
      await this.#save();
      const pid = await successor.inherit(settings.legacy, socket);
      await successor.answers(pid);
      successor.release();
      void this.#leave('moved', () => this.#drainTo(pid));
      return { kind: 'ok', answer: { pid } };
    } catch (error) {
      const { message } = error as Error;
      this.#keepServing();
      log.error('hand-over failed, this gateway goes on', { program: request.program, error: message });
      return { kind: 'refused', status: 502, message };
    }
  }

  /** After a hand-over that failed, unless the gateway has been stopped meanwhile. */
  #keepServing(): void {
    if (this.#phase.kind !== 'handingOver') return;
    this.#phase.successor.kill();
    this.#phase = { kind: 'serving' };
    // The successor may have announced itself; only the gateway that is announced saves its state.
    if (!this.#state.belongsTo(process.pid)) this.#announcePort();
  }

  async #bind(): Promise<void> {
    const { config, inheritance } = this.#options;
    const { gateway, settings, listener, log } = this.#parts;
    try {
      if (inheritance === undefined) await this.#assertAlone();
      else await settings.inherit(inheritance);
      await listener.listen(inheritance?.socket ?? this.#options.port);
    } catch (error) {
      await this.#dispose();
      throw error;
    }
    if (this.#phase.kind === 'starting') this.#phase = { kind: 'serving' };
    this.#state.setStopped(false);
    this.#announcePort();
    const { pid, owner, build } = gateway.about;
    log.info('listening', { url: `http://127.0.0.1:${this.port}`, pid, owner, build });
    if (config === undefined) this.#watchLinger();
    else settings.apply(config);
  }

  /** A gateway at the same port is found by the bind; another one would lose its state to this one. */
  async #assertAlone(): Promise<void> {
    const other = this.#state.gatewayFile();
    if (other === undefined || other.pid === process.pid || other.port === this.#options.port) return;
    const { pid, port } = other;
    if (!(await answersAt(port, pid, aloneWithinMs))) return;
    throw new StateDirectoryError({ code: 'inUse', path: this.#state.path, port: String(port), pid: String(pid) });
  }

  /** Writes `gateway.json`, by which windows find this process. */
  #announcePort(): void {
    const { gateway } = this.#parts;
    const { pid, startedAtMs, protocol, build } = gateway.about;
    this.#state.writeGatewayFile({ pid, startedAtMs, port: this.port, protocol, build });
    gateway.listeningOn(this.port);
  }

  /** A disk that takes no mark must not keep a gateway from being stopped. */
  #markStopped(): void {
    try {
      this.#state.setStopped(true);
    } catch (error) {
      this.#parts.log.warn('windows may start it again', { error: String(error) });
    }
  }

  /** Enters the phase first, so that nothing that `end` causes can start or move the gateway again. */
  #leave(reason: 'stopped' | 'moved', end: () => Promise<void>): Promise<void> {
    this.#linger.stop();
    const ended = Promise.resolve().then(end);
    this.#phase = { kind: 'leaving', reason, ended };
    return ended;
  }

  async #drain(reason: string, isBound: boolean | Promise<boolean> = true): Promise<void> {
    if (!(await isBound)) return;
    const { log, gateway, listener } = this.#parts;
    log.info('stopping', { reason, inFlight: gateway.inFlight });
    // Save first: a successor reads the file as soon as it hears that we stopped.
    await this.#save();
    gateway.drain('stopped');
    await listener.drain();
    log.info('stopped', { reason });
    await this.#dispose();
  }

  /** Ends the requests under way here while the successor takes the new ones. */
  async #drainTo(pid: number): Promise<void> {
    const { log, gateway, listener } = this.#parts;
    log.info('handed over', { to: pid, inFlight: gateway.inFlight });
    this.#state.release();
    // Before anything else: new connections are the successor's.
    const ended = listener.handOver();
    gateway.drain('moved');
    await ended;
    log.info('stopped', { reason: 'another gateway serves' });
    await this.#dispose();
  }

  /** A disk that does not answer must not keep the process. */
  async #save(): Promise<void> {
    if (await settledWithin(this.gateway.routing.save(), saveWithinMs)) return;
    this.#parts.log.warn('the state was not saved', { reason: `the disk did not answer in ${saveWithinMs / 1000} s` });
  }

  async #dispose(): Promise<void> {
    if (!this.isHandingOver) await this.#save();
    await this.gateway.dispose();
    this.#state.removeGatewayFile(process.pid);
    await this.#parts.log.close();
    this.#phase = { kind: 'ended' };
  }

  #watchLinger(): void {
    const { owner, isLaunchedByWindow } = this.#options;
    if (owner !== 'window' || this.#phase.kind === 'leaving' || this.#phase.kind === 'ended') return;
    const { config, isInUse } = this.gateway;
    const unconfigured = isLaunchedByWindow ? unconfiguredLingerSeconds : undefined;
    this.#linger.watch(isInUse, config === undefined ? unconfigured : config.lingerSeconds);
  }
}
