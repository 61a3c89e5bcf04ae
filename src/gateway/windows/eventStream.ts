import type { ServerResponse } from 'node:http';
import { Lookout } from '../../base/lookout.ts';
import type { LogLine } from '../../contract/logLine.ts';
import type { SessionSnapshot, Snapshot, SnapshotChange } from '../../contract/snapshot.ts';

/** Windows get at most four changes a second. */
const coalesceMs = 250;
/** Time for a window to read the last event. */
const endWithinMs = 2000;
/** A window that was behind gets what it has missed at most this long after it has read everything. */
const catchUpMs = 1000;
const commentMs = 15_000;
/** A window with more unread bytes than this, some whole snapshots, gets nothing until it has read them. */
const maxBehindBytes = 1024 * 1024;

/** The snapshot that was told last, in the form that the next one is compared with. */
interface Told {
  readonly gateway: string;
  readonly endpoints: string;
  readonly totals: string;
  readonly sessions: ReadonlyMap<string, SessionSnapshot>;
}

/** A window that reads the stream. */
interface Subscriber {
  readonly response: ServerResponse;
  /** Does not read fast enough: events pass it by until it has caught up. */
  isBehind: boolean;
  /** Log lines that have passed it by. */
  missedLines: number;
}

export interface EventStreamOptions {
  readonly snapshot: () => Snapshot;
  /** See `RequestDigest.recordCount`. */
  readonly recordCount: () => number;
  readonly onSubscribers: () => void;
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
}

/**
 * Server-sent events for windows: first a whole `snapshot`, then `change` with the parts that differ, `log` lines, and
 * `stopped` or `moved` at the end. A window that reads too slowly misses changes, and gets a whole snapshot when it has read
 * what was sent.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #subscribers = new Set<Subscriber>();
  #told: Told | undefined;
  #toldRecords = 0;
  readonly #lookout = new Lookout({ soonMs: coalesceMs, look: () => this.#look() });

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (this.#subscribers.size > 0) this.#flush();
    const subscriber: Subscriber = { response, isBehind: false, missedLines: 0 };
    this.#send(subscriber, this.#whole());
    this.#subscribers.add(subscriber);
    this.poke();
    const comment = setInterval(() => this.#send(subscriber, ': alive\n\n'), commentMs);
    response.once('close', () => {
      clearInterval(comment);
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#told = undefined;
      this.#options.onSubscribers();
    });
    this.#options.onSubscribers();
  }

  /** Sends a change soon, if there is one. */
  poke(): void {
    if (this.#subscribers.size > 0) this.#lookout.poke();
  }

  /** Sends every window a whole snapshot, for a change that `change` cannot express. */
  resend(): void {
    if (this.#subscribers.size === 0) return;
    this.#broadcast(this.#whole());
  }

  /** `line`: the JSON of a `LogLine`. */
  log(line: string): void {
    this.#broadcast(frameOf('log', line));
    for (const one of this.#subscribers) if (one.isBehind) one.missedLines += 1;
  }

  /** Ends all streams with a last event; `port`: the new port, when the gateway has moved to another one. */
  end(reason: 'stopped' | 'moved', port?: number): void {
    const last = frame(reason, { port });
    for (const { response } of this.#subscribers) {
      response.end(last);
      // Do not wait for a window that does not read.
      const timer = setTimeout(() => response.destroy(), endWithinMs);
      response.once('close', () => clearTimeout(timer));
    }
  }

  #look(): number {
    if (this.#subscribers.size === 0) return Number.POSITIVE_INFINITY;
    const nextMs = this.#options.changesInMs();
    this.#flush();
    const isBehind = [...this.#subscribers].some((one) => one.isBehind);
    return isBehind ? Math.min(nextMs, catchUpMs) : nextMs;
  }

  #flush(): void {
    if (this.#subscribers.size === 0) return;
    const before = this.#told;
    const snapshot = this.#options.snapshot();
    const now = this.#remember(snapshot);
    const change: { -readonly [K in keyof SnapshotChange]: SnapshotChange[K] } = {};
    if (now.gateway !== before?.gateway) change.gateway = snapshot.gateway;
    if (now.endpoints !== before?.endpoints) change.endpoints = snapshot.endpoints;
    const sessions = changedSessions(before?.sessions, now.sessions);
    if (sessions !== undefined) change.sessions = sessions;
    if (now.totals !== before?.totals) change.totals = snapshot.totals;
    const records = this.#options.recordCount();
    if (records > this.#toldRecords) change.requests = snapshot.requests.slice(0, records - this.#toldRecords);
    this.#toldRecords = records;
    if (Object.keys(change).length > 0) this.#broadcast(frame('change', change));
    this.#catchUp(snapshot);
  }

  /** The whole snapshot as an event; later changes are the difference to it. */
  #whole(): string {
    const snapshot = this.#options.snapshot();
    this.#remember(snapshot);
    this.#toldRecords = this.#options.recordCount();
    return frame('snapshot', snapshot);
  }

  #remember({ gateway, endpoints, totals, sessions }: Snapshot): Told {
    this.#told = {
      gateway: JSON.stringify(gateway),
      endpoints: JSON.stringify(endpoints),
      totals: JSON.stringify(totals),
      sessions: new Map(sessions.map((one) => [one.id, one])),
    };
    return this.#told;
  }

  #broadcast(text: string): void {
    for (const subscriber of this.#subscribers) this.#send(subscriber, text);
  }

  #send(subscriber: Subscriber, text: string): void {
    const { response } = subscriber;
    if (response.writableLength > maxBehindBytes) {
      subscriber.isBehind = true;
      this.poke();
    }
    // Writing after the last event would be an error.
    if (!subscriber.isBehind && !response.writableEnded) response.write(text);
  }

  /** Gives a whole snapshot to the windows that were behind and have read everything; they get changes again. */
  #catchUp(snapshot: Snapshot): void {
    for (const subscriber of this.#subscribers) {
      const { response, isBehind, missedLines: lines } = subscriber;
      if (!isBehind || response.writableLength > 0) continue;
      subscriber.isBehind = false;
      subscriber.missedLines = 0;
      this.#send(subscriber, frame('snapshot', snapshot));
      if (lines > 0) this.#send(subscriber, frame('log', leftOut(lines)));
    }
  }
}

/** The difference between the sessions of two snapshots; undefined when there is none. */
function changedSessions(before: Told['sessions'] | undefined, now: Told['sessions']): SnapshotChange['sessions'] {
  const changed = [...now.values()].filter((one) => !isSame(one, before?.get(one.id)));
  const removed = [...(before?.keys() ?? [])].filter((id) => !now.has(id));
  return changed.length + removed.length === 0 ? undefined : { changed, removed };
}

function isSame(one: SessionSnapshot, other: SessionSnapshot | undefined): boolean {
  return (
    one.lastUsedMs === other?.lastUsedMs &&
    one.requestCount === other.requestCount &&
    one.endpointId === other.endpointId &&
    one.boundAtMs === other.boundAtMs &&
    one.client === other.client
  );
}

function leftOut(lines: number): LogLine {
  return { atMs: Date.now(), level: 'warn', event: 'lines left out for a slow reader', fields: { lines } };
}

function frame(event: string, data: unknown): string {
  return frameOf(event, JSON.stringify(data));
}

function frameOf(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`;
}
