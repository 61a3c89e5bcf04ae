import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import type { LogLine } from '../../contract/logLine.ts';
import type { Owner, Snapshot } from '../../contract/snapshot.ts';
import { compareVersions } from '../model/compareVersions.ts';
import type { GatewayFailure, GatewayStatus } from '../model/gatewayStatus.ts';
import { changed } from '../model/snapshotChange.ts';
import { type ControlClient, ControlError } from './controlClient.ts';
import { type ControlEvent, readControlEvents } from './controlEvents.ts';
import { GatewayFinder } from './gatewayFinder.ts';
import { gatewayProgram } from './gatewayProgram.ts';
import type { StateFiles } from './stateFiles.ts';

export interface SupervisorOptions {
  readonly state: StateFiles;
  readonly extensionFolder: string;
  /** Of the extension, `1.2.3`. */
  readonly version: string;
  /** The port to look at; read at each look. */
  readonly port: () => number;
  /**
   * A gateway has been found or started: bring it what it needs before it is shown, and tell whether it has a
   * configuration then. Must not reject.
   */
  readonly onAttached: (client: ControlClient, owner: Owner) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

type Finder = Pick<GatewayFinder, 'findOrStart' | 'endOther'>;

/** How the view of a gateway ended: with its last word, or without one. */
type End = Extract<ControlEvent, { kind: 'stopped' | 'moved' }> | { readonly kind: 'lost' };

const deathsAllowed = 5;
const deathsWithinMs = 60_000;

/**
 * Keeps a gateway at this window's service: finds the one that runs or starts one, follows its events, replaces it when
 * it dies. The gateway is everybody's: ending this ends the view of it, never the gateway itself.
 */
export class GatewaySupervisor implements Disposable {
  readonly onStatus: Emitter<GatewayStatus>;
  readonly onLog: Emitter<LogLine>;
  readonly #options: SupervisorOptions;
  readonly #finder: Finder;
  readonly #life = new DisposableStore();
  #status: GatewayStatus = { kind: 'stopped' };
  #client: ControlClient | undefined;
  #run: AbortController | undefined;
  #isRestarting = false;
  #isDisposed = false;
  /** Stop was wished for while a start was under way: what comes up is ended at once. */
  #isStopping = false;
  #deaths: number[] = [];

  constructor(options: SupervisorOptions, finder: Finder = new GatewayFinder(options)) {
    this.#options = options;
    this.#finder = finder;
    this.onStatus = new Emitter(options.onError);
    this.onLog = new Emitter(options.onError);
    // Another window may start what is stopped here, or have cured what has failed.
    this.#life.add(
      options.state.onGateway((port) => {
        if (port !== options.port()) return;
        if (this.#status.kind === 'stopped' || this.#status.kind === 'failed') this.start();
      }),
    );
  }

  get status(): GatewayStatus {
    return this.#status;
  }

  /** The way to the gateway; undefined while there is none. */
  get client(): ControlClient | undefined {
    return this.#client;
  }

  /** The build of the running gateway where that is newer than this window's extension; an older one takes no place of it. */
  get newerBuild(): string | undefined {
    if (this.#status.kind !== 'running') return undefined;
    const { build } = this.#status.snapshot.gateway;
    return compareVersions(build, this.#options.version) > 0 ? build : undefined;
  }

  /** Finds or starts a gateway; how it goes is told by `onStatus`. Does nothing after `dispose`. */
  start(): void {
    if (this.#isDisposed) return;
    this.#isStopping = false;
    this.#run?.abort();
    const run = new AbortController();
    this.#run = run;
    this.#set({ kind: 'starting' });
    this.#supervise(run.signal).catch((error: unknown) => {
      this.#options.onError(error);
      if (!run.signal.aborted) this.#set({ kind: 'failed', failure: { kind: 'crashed', detail: String(error) } });
    });
  }

  /** Ends the gateway, for all windows. Rejects with `ControlError` when it cannot be asked to. */
  async stop(): Promise<void> {
    if (this.#client !== undefined) {
      await this.#client.shutdown();
    } else if (this.#status.kind === 'starting') {
      this.#isStopping = true;
    } else {
      this.#run?.abort();
      this.#run = undefined;
      this.#set({ kind: 'stopped' });
    }
  }

  /**
   * A new gateway in place of the running one, without refusing a connection or cutting a stream. Resolves when it serves,
   * or with what it would fail of. Rejects with `ControlError` when the running one goes on instead.
   */
  async restart(): Promise<GatewayFailure | undefined> {
    const client = this.#client;
    if (client === undefined || this.#status.kind !== 'running') {
      const run = this.#run;
      await this.#finder.endOther();
      // Stop or Start may have been pressed meanwhile.
      if (this.#run === run) this.start();
      return undefined;
    }
    const { pid } = this.#status.snapshot.gateway;
    const program = await gatewayProgram(this.#options.extensionFolder);
    if (program.kind === 'failed') return program.failure;
    try {
      await client.handOver(pid, program);
    } catch (error) {
      const status = error instanceof ControlError ? error.status : undefined;
      // Another window was faster, which comes to the same.
      if (status === 409) return undefined;
      // It is too old to know how.
      if (status === 404) await this.#stopAndStart(client);
      else throw error;
    }
    return undefined;
  }

  async #stopAndStart(client: ControlClient): Promise<void> {
    this.#isRestarting = true;
    try {
      await client.shutdown();
    } catch (error) {
      this.#isRestarting = false;
      throw error;
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#run?.abort();
    this.#client = undefined;
    this.#life.dispose();
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    let movedTo: number | undefined;
    while (!signal.aborted) {
      const found = await this.#finder.findOrStart(signal, movedTo);
      if (signal.aborted) return;
      if (found.kind === 'failed') {
        this.#client = undefined;
        this.#set(found);
        return;
      }
      const end = await this.#follow(found.client, found.owner, signal);
      if (signal.aborted) return;
      movedTo = end.kind === 'moved' ? (end.port ?? found.client.port) : undefined;
      // Its successor is there already, and answers the same calls.
      if (movedTo === found.client.port) continue;
      this.#client = undefined;
      this.#isStopping = false;
      const next = this.#afterEnd(end);
      this.#set(next);
      if (next.kind !== 'starting') return;
    }
  }

  /** Shows a gateway until its events end. */
  async #follow(client: ControlClient, owner: Owner, signal: AbortSignal): Promise<End> {
    let end: End = { kind: 'lost' };
    try {
      // Before anything else: while somebody listens it does not end by itself.
      const response = await client.events(signal);
      // Another start may have come between the answer and here.
      if (signal.aborted) {
        response.destroy();
        return end;
      }
      this.#client = client;
      if (this.#isStopping) {
        response.destroy();
        // One with a configuration of its own was not started from here, and serves others.
        if (owner === 'window') await client.shutdown();
        return { kind: 'stopped' };
      }
      const isConfigured = await this.#options.onAttached(client, owner);
      let snapshot: Snapshot | undefined;
      await readControlEvents(response, (event) => {
        if (signal.aborted) return;
        if (event.kind === 'log') this.onLog.emit(event.line);
        else if (event.kind === 'snapshot') snapshot = event.snapshot;
        else if (event.kind === 'change' && snapshot !== undefined) snapshot = changed(snapshot, event.change);
        else if (event.kind === 'stopped' || event.kind === 'moved') end = event;
        // What it was before it had our settings is nothing to show.
        const isReady = snapshot?.gateway.hasConfig === true || !isConfigured;
        if (snapshot !== undefined && isReady && event.kind !== 'log') this.#set({ kind: 'running', snapshot });
      });
    } catch {
      // It died between two words; the caller looks for another one.
    }
    return end;
  }

  #afterEnd({ kind }: End): GatewayStatus {
    // One that was stopped while this window was on its way to it has said so to others only.
    const isStopped = kind === 'stopped' || (kind === 'lost' && this.#options.state.isStopped);
    if (isStopped && !this.#isRestarting) return { kind: 'stopped' };
    this.#isRestarting = false;
    if (kind !== 'lost' || !this.#diesTooOften()) return { kind: 'starting' };
    return { kind: 'failed', failure: { kind: 'crashed', detail: this.#options.state.lastWords() || 'exit' } };
  }

  #diesTooOften(): boolean {
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < deathsWithinMs), now];
    return this.#deaths.length > deathsAllowed;
  }

  #set(status: GatewayStatus): void {
    this.#status = status;
    this.onStatus.emit(status);
  }
}
