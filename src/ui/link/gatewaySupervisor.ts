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
  /** The port to search; read for each search. */
  readonly port: () => number;
  /**
   * Called for a found or started gateway: sends what it needs before it is shown, and resolves with whether it has a
   * configuration then. Must not reject.
   */
  readonly onAttached: (client: ControlClient, owner: Owner) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

type Finder = Pick<GatewayFinder, 'findOrStart' | 'endOther'>;

/** The end of a gateway's event stream: with a last event, or without one. */
type End = Extract<ControlEvent, { kind: 'stopped' | 'moved' }> | { readonly kind: 'lost' };

const deathsAllowed = 5;
const deathsWithinMs = 60_000;

/**
 * Keeps a gateway available to this window: finds or starts one, follows its events, and replaces it if it dies. All windows
 * share the gateway: disposing of this ends the connection, never the gateway.
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
  /** Stop was requested during a start: the started gateway is ended at once. */
  #isStopping = false;
  #deaths: number[] = [];

  constructor(options: SupervisorOptions, finder: Finder = new GatewayFinder(options)) {
    this.#options = options;
    this.#finder = finder;
    this.onStatus = new Emitter(options.onError);
    this.onLog = new Emitter(options.onError);
    // Another window may start a gateway that was stopped here, or fix a failure.
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

  /** The client of the gateway; undefined without one. */
  get client(): ControlClient | undefined {
    return this.#client;
  }

  /** The build of the running gateway if it is newer than this window's extension, which must not replace it. */
  get newerBuild(): string | undefined {
    if (this.#status.kind !== 'running') return undefined;
    const { build } = this.#status.snapshot.gateway;
    return compareVersions(build, this.#options.version) > 0 ? build : undefined;
  }

  /** Finds or starts a gateway; `onStatus` reports progress. No effect after `dispose`. */
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

  /** Stops the gateway for all windows. Rejects with `ControlError` if it cannot be reached. */
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
   * Replaces the running gateway without refusing a connection or cutting a stream. Resolves when the new one serves, or with
   * its failure. Rejects with `ControlError` if the old one keeps running instead.
   */
  async restart(): Promise<GatewayFailure | undefined> {
    const client = this.#client;
    if (client === undefined || this.#status.kind !== 'running') {
      const run = this.#run;
      await this.#finder.endOther();
      // The user may have pressed Stop or Start in the meantime.
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
      // Another window was faster, with the same effect.
      if (status === 409) return undefined;
      // It is too old to hand over.
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
      // The successor already serves and answers the same calls.
      if (movedTo === found.client.port) continue;
      this.#client = undefined;
      this.#isStopping = false;
      const next = this.#afterEnd(end);
      this.#set(next);
      if (next.kind !== 'starting') return;
    }
  }

  /** Shows a gateway until its event stream ends. */
  async #follow(client: ControlClient, owner: Owner, signal: AbortSignal): Promise<End> {
    let end: End = { kind: 'lost' };
    try {
      // Open the event stream first: a gateway with a listener does not end by itself.
      const response = await client.events(signal);
      // Another start may have begun since the answer.
      if (signal.aborted) {
        response.destroy();
        return end;
      }
      this.#client = client;
      if (this.#isStopping) {
        response.destroy();
        // A gateway with its own configuration was started elsewhere and serves others.
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
        // Its state before it received our settings is not shown.
        const isReady = snapshot?.gateway.hasConfig === true || !isConfigured;
        if (snapshot !== undefined && isReady && event.kind !== 'log') this.#set({ kind: 'running', snapshot });
      });
    } catch {
      // The gateway died between two events; the caller searches again.
    }
    return end;
  }

  #afterEnd({ kind }: End): GatewayStatus {
    // A gateway that was stopped while this window connected has told only other windows.
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
