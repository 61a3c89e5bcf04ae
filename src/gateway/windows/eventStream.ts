import type { ServerResponse } from 'node:http';
import type { LogLine } from '../../contract/logLine.ts';
import type { Snapshot, SnapshotChange } from '../../contract/snapshot.ts';

/** Windows get at most four changes a second. */
const coalesceMs = 250;
/** Time for a window to read the last event. */
const endWithinMs = 2000;
/** Time alone changes states too (a cooldown ends): compared this often while a window is attached. */
const tickMs = 1000;
const commentMs = 15_000;

type Parts = Readonly<Record<'gateway' | 'endpoints' | 'sessions' | 'totals', string>>;

export interface EventStreamOptions {
  readonly snapshot: () => Snapshot;
  /** See `RequestDigest.recordCount`. */
  readonly recordCount: () => number;
  readonly onSubscribers: () => void;
}

/**
 * Server-sent events for windows: first a whole `snapshot`, then `change` with the parts that differ, `log` lines, and
 * `stopped` or `moved` at the end. A window that reads too slowly is disconnected.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #subscribers = new Set<ServerResponse>();
  #sent: Parts | undefined;
  #sentRecords = 0;
  #coalesce: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (this.#subscribers.size > 0) this.#flush();
    response.write(this.#whole());
    this.#subscribers.add(response);
    this.#tick ??= setInterval(() => this.#flush(), tickMs);
    const comment = setInterval(() => response.write(': alive\n\n'), commentMs);
    response.once('close', () => {
      clearInterval(comment);
      this.#subscribers.delete(response);
      if (this.#subscribers.size === 0) this.#rest();
      this.#options.onSubscribers();
    });
    this.#options.onSubscribers();
  }

  /** Sends a change soon, if there is one. */
  poke(): void {
    if (this.#subscribers.size === 0) return;
    this.#coalesce ??= setTimeout(() => {
      this.#coalesce = undefined;
      this.#flush();
    }, coalesceMs);
  }

  /** Sends every window a whole snapshot, for a change that `change` cannot express. */
  resend(): void {
    if (this.#subscribers.size === 0) return;
    this.#broadcast(this.#whole());
  }

  log(line: LogLine): void {
    this.#broadcast(frame('log', line));
  }

  /** Ends all streams with a last event; `port`: the new port, when the gateway has moved to another one. */
  end(reason: 'stopped' | 'moved', port?: number): void {
    const last = frame(reason, { port });
    for (const response of this.#subscribers) {
      response.end(last);
      // Do not wait for a window that does not read.
      const timer = setTimeout(() => response.destroy(), endWithinMs);
      response.once('close', () => clearTimeout(timer));
    }
    this.#rest();
  }

  #flush(): void {
    if (this.#subscribers.size === 0) return;
    const before = this.#sent;
    const snapshot = this.#options.snapshot();
    const parts = this.#remember(snapshot);
    const change: { -readonly [K in keyof SnapshotChange]: SnapshotChange[K] } = {};
    if (parts.gateway !== before?.gateway) change.gateway = snapshot.gateway;
    if (parts.endpoints !== before?.endpoints) change.endpoints = snapshot.endpoints;
    if (parts.sessions !== before?.sessions) change.sessions = snapshot.sessions;
    if (parts.totals !== before?.totals) change.totals = snapshot.totals;
    const records = this.#options.recordCount();
    if (records > this.#sentRecords) change.requests = snapshot.requests.slice(0, records - this.#sentRecords);
    this.#sentRecords = records;
    if (Object.keys(change).length > 0) this.#broadcast(frame('change', change));
  }

  /** The whole snapshot as an event; later changes are the difference to it. */
  #whole(): string {
    const snapshot = this.#options.snapshot();
    this.#remember(snapshot);
    this.#sentRecords = this.#options.recordCount();
    return frame('snapshot', snapshot);
  }

  #remember(snapshot: Snapshot): Parts {
    this.#sent = {
      gateway: JSON.stringify(snapshot.gateway),
      endpoints: JSON.stringify(snapshot.endpoints),
      sessions: JSON.stringify(snapshot.sessions),
      totals: JSON.stringify(snapshot.totals),
    };
    return this.#sent;
  }

  #broadcast(text: string): void {
    for (const response of this.#subscribers) {
      if (response.writableLength > maxBehindBytes) response.destroy();
      else response.write(text);
    }
  }

  #rest(): void {
    clearTimeout(this.#coalesce);
    clearInterval(this.#tick);
    this.#coalesce = undefined;
    this.#tick = undefined;
    this.#sent = undefined;
  }
}

const maxBehindBytes = 4 * 1024 * 1024;

function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
