import type { Clock, Instant } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { RedactingLogger } from '../../base/logger.ts';
import { Lookout } from '../../base/lookout.ts';
import { type SavedState, savedStateVersion } from '../../contract/savedState.ts';
import { SavedTimes } from '../../core/endpoint/savedTimes.ts';
import { type Reason, redactedReason } from '../../core/outcome/reason.ts';
import type { SavedBinding, SessionAffinity } from '../../core/routing/affinity.ts';
import type { EndpointSet } from '../endpoints/endpointSet.ts';
import type { Override } from '../endpoints/override.ts';
import type { SavedStateFile } from './savedStateFile.ts';

export interface SavedStateKeeperOptions {
  /** A `SteadyClock`: with another clock every deadline would look changed in every comparison. */
  readonly clock: Clock;
  readonly file: SavedStateFile;
  readonly logger: RedactingLogger;
  readonly endpoints: EndpointSet;
  readonly affinity: SessionAffinity;
  readonly override: Override;
  /** See `LookoutOptions.look`. */
  readonly changesInMs: () => number;
}

const lookMs = 1000;
/** Writing may take 1 % of the time: ten thousand busy sessions are written every few seconds. */
const restShare = 100;
/** Pause after a failed write. */
const afterFailureMs = 10_000;
/** Fields that may hold words of clients and endpoints. */
const fromOutside: ReadonlySet<string> = new Set(['reason', 'scope']);
/** Sessions or references per piece of text, about a millisecond of work: streams stand still meanwhile. */
const rowsPerPiece = 250;

/**
 * Saves the state of endpoints, the sessions' bindings, what they refer to, and the override for the next gateway, when they have changed and at
 * most once a second; restores them with the first configuration. Words of clients and endpoints are redacted as in the log.
 */
export class SavedStateKeeper implements Disposable {
  readonly #options: SavedStateKeeperOptions;
  #hasBegun = false;
  #found: SavedState | undefined;
  #isRestored = false;
  readonly #lookout = new Lookout({ soonMs: lookMs, look: () => this.#look() });
  /** The state that was written last. */
  #written = { head: '', revision: -1 };
  #notBeforeMs = 0;
  #lastWrite: Promise<void> = Promise.resolve();
  #isWriting = false;
  /** The time that encoding the sessions took last time. */
  #busyMs = 0;

  constructor(options: SavedStateKeeperOptions) {
    this.#options = options;
  }

  /** Reads the file, once; call it when the folder belongs to this process. Nothing is written before `restore`. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#found = this.#options.file.read();
  }

  /** Gives the endpoints, which must be configured, and the sessions the state that was read. Once. */
  restore(now: Instant): void {
    if (this.#isRestored) return;
    this.#isRestored = true;
    this.poke();
    const found = this.#found;
    this.#found = undefined;
    if (found === undefined) return;
    const { endpoints, affinity, override, logger } = this.#options;
    const times = new SavedTimes(found.savedAtMs, now);
    const known = endpoints.restore(found.endpoints, times);
    const isKnown = ([, endpointId]: SavedBinding): boolean => known.has(endpointId);
    const homeless = found.sessions.filter((row) => !isKnown(row));
    // Another installation's state gives nothing.
    const unbound = known.size === 0 ? [] : [...(found.unbound ?? []), ...homeless];
    affinity.restore({ bound: found.sessions.filter(isKnown), unbound }, times);
    affinity.references.restore(
      (found.references ?? []).filter(([, endpointId]) => known.has(endpointId)),
      times,
    );
    if (found.override !== null && known.has(found.override.endpointId)) override.restore(found.override, times);
    logger.info('restored state of the previous process', { endpoints: known.size, sessions: affinity.size });
  }

  /** Something may have changed. */
  poke(): void {
    this.#lookout.poke();
  }

  /** Writes the current state, if it has changed. Never rejects. */
  flush(): Promise<void> {
    if (!this.#isRestored) return Promise.resolve();
    this.#lastWrite = this.#lastWrite.then(() => this.#writeChange());
    return this.#lastWrite;
  }

  dispose(): void {
    this.#lookout.dispose();
  }

  #look(): number {
    const { clock, changesInMs } = this.#options;
    const waitMs = this.#notBeforeMs - clock.now().mono;
    if (this.#isWriting || waitMs > 0) return waitMs;
    const nextMs = changesInMs();
    void this.flush();
    return nextMs;
  }

  async #writeChange(): Promise<void> {
    const { clock, affinity, file, logger } = this.#options;
    this.#isWriting = true;
    try {
      const now = clock.now();
      const head = this.#head(now);
      const { revision } = affinity;
      if (head === this.#written.head && revision === this.#written.revision) return;
      const isDone = await file.write(this.#text(head, now));
      if (isDone) this.#written = { head, revision };
      this.#notBeforeMs = clock.now().mono + (isDone ? this.#busyMs * restShare : afterFailureMs);
      if (!isDone) this.poke();
    } catch (error) {
      logger.error('state could not be saved', { error: String(error) });
    } finally {
      this.#isWriting = false;
    }
  }

  /** Everything except the sessions: small enough to be compared as text. */
  #head(now: Instant): string {
    const { endpoints, override, logger } = this.#options;
    const head = { endpoints: endpoints.saved(now), override: override.snapshot(now) } satisfies Partial<SavedState>;
    const redact = (text: string): string => logger.redact(text);
    return JSON.stringify(head, (name, value: unknown) => {
      if (name === 'why' && value !== undefined) return redactedReason(value as Reason, redact);
      return typeof value === 'string' && fromOutside.has(name) ? redact(value) : value;
    });
  }

  /** The file in pieces; each is encoded after the previous one was written, so that requests run in between. */
  async *#text(head: string, now: Instant): AsyncGenerator<string, void, undefined> {
    const { affinity } = this.#options;
    const begin = { version: savedStateVersion, savedAtMs: Math.floor(now.wall) } satisfies Partial<SavedState>;
    yield `${JSON.stringify(begin).slice(0, -1)},\n${head.slice(1, -1)},\n"sessions":[`;
    this.#busyMs = 0;
    yield* this.#pieces(affinity.saved(now), (row) => this.#shown(row));
    yield '],\n"unbound":[';
    yield* this.#pieces(affinity.saved(now, 'unbound'), (row) => this.#shown(row));
    yield '],\n"references":[';
    yield* this.#pieces(affinity.references.saved(now), (row) => row);
    yield ']}\n';
  }

  *#pieces<Row>(
    rows: Iterator<Row, void>,
    shown: (row: Row) => readonly unknown[],
  ): Generator<string, void, undefined> {
    const { clock } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const startedMs = clock.now().mono;
      const some = nextOf(rows, rowsPerPiece);
      if (some.length === 0) break;
      const text = `${isFirst ? '' : ','}\n${JSON.stringify(some.map(shown)).slice(1, -1)}`;
      this.#busyMs += clock.now().mono - startedMs;
      yield text;
    }
  }

  #shown([id, endpointId, boundAtMs, lastUsedMs, count, client, costUsd, model]: SavedBinding): SavedBinding {
    const shown = (text: string | null = null) => (text === null ? null : this.#options.logger.redact(text));
    return [id, endpointId, boundAtMs, lastUsedMs, count, shown(client), costUsd, shown(model)];
  }
}

/** Takes the next few values from an iterator without closing it. */
function nextOf<T>(iterator: Iterator<T, void>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = iterator.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
