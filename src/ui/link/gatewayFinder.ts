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

/** A gateway that has proved itself, or why there is none. */
type Found =
  | { readonly kind: 'found'; readonly client: ControlClient; readonly owner: Owner }
  | { readonly kind: 'failed'; readonly failure: GatewayFailure };

/** What is on the port may be on its way up or down: it is asked again for so long before it counts as foreign. */
const settleMs = 2000;
const againMs = 100;
/** Another window's gateway is looked for again so soon: nobody may be there for as long as it takes to be refused. */
const soonMs = 25;
/** A gateway that starts and is gone again when it is asked will not get better. */
const launchesAllowed = 3;

/**
 * Finds the gateway on the configured port, or starts one there. The port is the lock (architecture.md, Processes). One of
 * an older version hands over to this window's; a newer one is taken as it is while it speaks the same protocol.
 */
export class GatewayFinder {
  readonly #options: FinderOptions;
  /** Builds that were asked to hand over: once is enough, should what comes call itself the same. */
  readonly #askedBuilds = new Set<string>();
  /** The way to a gateway that speaks another protocol, if that is what was found last. */
  #other: ControlClient | undefined;

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /**
   * Never rejects; after `signal` the result means nothing. `movedTo`: where the last one said that it goes on. It is looked
   * for there first: windows hear of another port in the settings one after the other, and only one gateway shall run.
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
      // Who was faster is asked next: it may be one of ours. It may also be bound by somebody who does not listen.
      if (failure.kind !== 'portTaken') return failed(failure);
      takenSince ??= performance.now();
      if (performance.now() - takenSince > settleMs) return failed(failure);
      if (found === 'foreign') await pause(againMs);
    }
  }

  /** Starts a gateway, unless another window is about it: many that start at once keep each other from it. */
  async #launch(port: number, signal: AbortSignal): Promise<LaunchEnd | { readonly kind: 'elsewhere' }> {
    const giveBack = this.#options.state.claimStart();
    if (giveBack === undefined) return { kind: 'elsewhere' };
    try {
      // Another window's gateway may have come up since the first look, or this search been called off.
      const isWanted = (await this.#attach(port)) === 'nobody' && !signal.aborted;
      return isWanted ? await launchGateway({ ...this.#options, port }) : { kind: 'elsewhere' };
    } finally {
      giveBack();
    }
  }

  /**
   * Ends a gateway that speaks another protocol, so that ours can have its place: for when a person wishes it. Resolves when
   * it does not answer any more, or does not want to go. Rejects with `ControlError`.
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
    // Without a token there has been no gateway of ours; whatever holds the port shows when one is started.
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
      // One with a configuration of its own is restarted where it was started.
      if (owner === 'window') this.#other = client;
      return failed({ kind: 'otherProtocol', build });
    }
    return { kind: 'found', client, owner };
  }

  /** Whether another gateway than this one is on the port now, because ours is newer. */
  async #takesOver({ build, pid, owner }: HelloAnswer, client: ControlClient): Promise<boolean> {
    const isOlder = compareVersions(build, this.#options.version) < 0;
    if (owner !== 'window' || !isOlder || this.#askedBuilds.has(build)) return false;
    const program = await gatewayProgram(this.#options.extensionFolder);
    if (program.kind === 'failed') return false;
    this.#askedBuilds.add(build);
    try {
      await client.handOver(pid, program);
    } catch (error) {
      // Another window may have been faster; else the old one goes on, which is better than none.
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
