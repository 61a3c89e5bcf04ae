import type { HelloAnswer } from '../../contract/control.ts';
import { type Owner, protocolVersion } from '../../contract/snapshot.ts';
import { compareVersions } from '../model/compareVersions.ts';
import type { GatewayFailure } from '../model/gatewayStatus.ts';
import { ControlClient, ControlError } from './controlClient.ts';
import { ControlConnection } from './controlConnection.ts';
import { gatewayProgram } from './gatewayProgram.ts';
import { type LaunchEnd, launchGateway } from './launchGateway.ts';
import type { StateFiles } from './stateFiles.ts';

interface FinderOptions {
  readonly state: StateFiles;
  readonly extensionFolder: string;
  /** Of the extension, `1.2.3`. */
  readonly version: string;
  readonly port: () => number;
  readonly onError: (error: unknown) => void;
}

/** A verified gateway, or the reason why there is none. */
type Found =
  | { readonly kind: 'found'; readonly client: ControlClient; readonly owner: Owner }
  | { readonly kind: 'failed'; readonly failure: GatewayFailure };

/** A program on the port may be starting or stopping: it is asked again for this long before it counts as foreign. */
const settleMs = 2000;
const againMs = 100;
/** Interval at which another window's starting gateway is looked for. */
const soonMs = 25;
/** Starts per search: a gateway that keeps ending before it answers will not recover by more starts. */
const launchesAllowed = 3;

/**
 * Finds the gateway on the configured port, or starts one there. The port is the lock (architecture.md, Processes). An older
 * gateway hands over to this window's version; a newer one is used as it is if it speaks the same protocol.
 */
export class GatewayFinder {
  readonly #options: FinderOptions;
  /** Builds that were asked to hand over; each is asked once, even if the successor reports the same build. */
  readonly #askedBuilds = new Set<string>();
  /** The client of a gateway with another protocol, if the last search found one. */
  #other: ControlClient | undefined;

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /**
   * Never rejects; after `signal` the result is meaningless. `movedTo`: the port announced by the last gateway, tried first,
   * because windows learn of a changed port one after the other and only one gateway should run.
   */
  async findOrStart(signal: AbortSignal, movedTo?: number): Promise<Found> {
    const there = movedTo === undefined ? 'nobody' : await this.#attach(movedTo);
    if (there !== 'nobody' && there !== 'foreign' && there.kind === 'found') return there;
    let takenSince: number | undefined;
    let launches = 0;
    for (;;) {
      const port = this.#options.port();
      const found = await this.#attach(port);
      if (found !== 'nobody' && found !== 'foreign') return found;
      if (signal.aborted) return failed({ kind: 'portTaken', port });
      if (found === 'nobody' && launches >= launchesAllowed) {
        return failed({ kind: 'crashed', detail: this.#options.state.lastWords() || 'it does not stay' });
      }
      const end = found === 'foreign' ? takenOn(port) : await this.#launch(port, signal);
      if (end.kind === 'elsewhere') {
        await pause(soonMs);
        continue;
      }
      if (end.kind === 'up' || end.isKilled === true) launches += 1;
      if (end.kind === 'up' || (end.isKilled === true && launches < launchesAllowed)) continue;
      const { failure } = end;
      // The port is taken: ask its owner next, which may be another Signalbox, or a socket that does not listen.
      if (failure.kind !== 'portTaken') return failed(failure);
      takenSince ??= performance.now();
      if (performance.now() - takenSince > settleMs) return failed(failure);
      if (found === 'foreign') await pause(againMs);
    }
  }

  /** Starts a gateway unless another window is doing so: simultaneous starts would block each other. */
  async #launch(port: number, signal: AbortSignal): Promise<LaunchEnd | { readonly kind: 'elsewhere' }> {
    const giveBack = this.#options.state.claimStart();
    if (giveBack === undefined) return { kind: 'elsewhere' };
    try {
      // Since the first look another window's gateway may have started, or this search may have been cancelled.
      const isWanted = (await this.#attach(port)) === 'nobody' && !signal.aborted;
      return isWanted ? await launchGateway({ ...this.#options, port }) : { kind: 'elsewhere' };
    } finally {
      giveBack();
    }
  }

  /**
   * Ends a gateway with another protocol to make room for ours, on a user's request. Resolves when it has stopped answering or
   * keeps running. Rejects with `ControlError`.
   */
  async endOther(): Promise<void> {
    const other = this.#other;
    if (other === undefined) return;
    await other.shutdown();
    const startedMs = performance.now();
    while (this.#other !== undefined && performance.now() - startedMs < settleMs) {
      await new Promise((resolve) => setTimeout(resolve, againMs));
      await this.#attach(other.port);
    }
  }

  async #attach(port: number): Promise<Found | 'nobody' | 'foreign'> {
    const token = this.#options.state.controlToken;
    // Without a token no gateway has run here; a start will show what holds the port.
    this.#other = undefined;
    if (token === undefined) return 'nobody';
    const connection = new ControlConnection(port, token);
    const hello = await connection.hello();
    connection.close();
    if (hello.kind !== 'ok') return hello.kind;
    const { protocol, build, owner } = hello.answer;
    const client = new ControlClient(port, token);
    if (await this.#takesOver(hello.answer, client)) return this.#attach(port);
    if (majorOf(protocol) !== majorOf(protocolVersion)) {
      // A gateway with its own configuration is restarted where it was started.
      if (owner === 'window') this.#other = client;
      return failed({ kind: 'otherProtocol', build });
    }
    return { kind: 'found', client, owner };
  }

  /** Hands over to our newer build; true if another gateway is on the port afterwards. */
  async #takesOver({ build, pid, owner }: HelloAnswer, client: ControlClient): Promise<boolean> {
    const isOlder = compareVersions(build, this.#options.version) < 0;
    if (owner !== 'window' || !isOlder || this.#askedBuilds.has(build)) return false;
    const program = await gatewayProgram(this.#options.extensionFolder);
    if (program.kind === 'failed') return false;
    this.#askedBuilds.add(build);
    try {
      await client.handOver(pid, program);
    } catch (error) {
      // Another window may have been faster; otherwise the old gateway keeps running, which beats none.
      if (!(error instanceof ControlError && error.status === 409)) this.#options.onError(error);
    }
    return true;
  }
}

function takenOn(port: number): Extract<LaunchEnd, { kind: 'failed' }> {
  return { kind: 'failed', failure: { kind: 'portTaken', port } };
}

function failed(failure: GatewayFailure): Found {
  return { kind: 'failed', failure };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function majorOf(version: string): string | undefined {
  return version.split('.')[0];
}
