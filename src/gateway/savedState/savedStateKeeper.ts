import type { Clock, Instant } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { RedactingLogger } from '../../base/logger.ts';
import { type SavedState, savedStateVersion } from '../../contract/savedState.ts';
import { SavedTimes } from '../../core/endpoint/savedTimes.ts';
import { type Reason, redactedReason } from '../../core/outcome/reason.ts';
import type { SavedBinding, SessionAffinity } from '../../core/routing/affinity.ts';
import type { EndpointSet } from '../endpoints/endpointSet.ts';
import type { Override } from '../endpoints/override.ts';
import type { SavedStateFile } from './savedStateFile.ts';

export interface StateKeeperOptions {
  /** Its two clocks must keep their relation, or nothing would ever look unchanged. */
  readonly clock: Clock;
  readonly file: SavedStateFile;
  readonly logger: RedactingLogger;
  readonly endpoints: EndpointSet;
  readonly affinity: SessionAffinity;
  readonly override: Override;
}

const lookMs = 1000;
/** Writing down may take a hundredth of the time: with ten thousand busy sessions it happens every few seconds. */
const restShare = 100;
/** A disk that does not take it is asked less often. */
const afterFailureMs = 10_000;
/** Fields in which words of clients and endpoints may be. */
const fromOutside: ReadonlySet<string> = new Set(['reason', 'scope']);
/** So many sessions are written down in one go, or streams would stand still meanwhile: about a millisecond. */
const rowsInOneGo = 250;

/**
 * Lets the next gateway go on where this one stops: writes what is held against endpoints and where sessions are bound
 * when it has changed, at most once a second, and gives it back with the first configuration. Words of clients and
 * endpoints are redacted like those in the log.
 */
export class SavedStateKeeper implements Disposable {
  readonly #options: StateKeeperOptions;
  #hasBegun = false;
  #found: SavedState | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What was written last. */
  #written = { head: '', revision: -1 };
  #notBeforeMs = 0;
  #lastWrite: Promise<void> = Promise.resolve();
  #isWriting = false;
  /** How long the sessions took to write down last time. */
  #busyMs = 0;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
  }

  /** The folder is ours from now on: reads what is there, once. Nothing is written before `restore`. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#found = this.#options.file.read();
  }

  /** The endpoints are known: they and the sessions get what was found. Once. */
  restore(now: Instant): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), lookMs);
    this.#timer.unref();
    const found = this.#found;
    this.#found = undefined;
    if (found === undefined) return;
    const { endpoints, affinity, override, logger } = this.#options;
    const times = new SavedTimes(found.savedAtMs, now);
    const known = endpoints.restore(found.endpoints, times);
    affinity.restore(
      found.sessions.filter(([, endpointId]) => known.has(endpointId)),
      times,
    );
    if (found.override !== null && known.has(found.override.endpointId)) override.restore(found.override, times);
    logger.info('goes on where the last one stopped', { endpoints: known.size, sessions: affinity.size });
  }

  /** Writes what has changed, now. Never rejects. */
  flush(): Promise<void> {
    if (this.#timer === undefined) return Promise.resolve();
    this.#lastWrite = this.#lastWrite.then(() => this.#writeChange());
    return this.#lastWrite;
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!this.#isWriting && this.#options.clock.now().mono >= this.#notBeforeMs) void this.flush();
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
    } catch (error) {
      logger.error('state could not be written down', { error: String(error) });
    } finally {
      this.#isWriting = false;
    }
  }

  /** All but the sessions: little, so that it can be compared with what was written. */
  #head(now: Instant): string {
    const { endpoints, override, logger } = this.#options;
    const head = { endpoints: endpoints.saved(now), override: override.snapshot(now) } satisfies Partial<SavedState>;
    const redact = (text: string): string => logger.redact(text);
    return JSON.stringify(head, (name, value: unknown) => {
      if (name === 'why' && value !== undefined) return redactedReason(value as Reason, redact);
      return typeof value === 'string' && fromOutside.has(name) ? redact(value) : value;
    });
  }

  /** The file, piece by piece: the next one is made when the last one is on the disk, and others have had their turn. */
  async *#text(head: string, now: Instant): AsyncGenerator<string, void, undefined> {
    const { clock, affinity } = this.#options;
    const begin = { version: savedStateVersion, savedAtMs: Math.floor(now.wall) } satisfies Partial<SavedState>;
    yield `${JSON.stringify(begin).slice(0, -1)},\n${head.slice(1, -1)},\n"sessions":[`;
    this.#busyMs = 0;
    const rows = affinity.saved(now);
    for (let isFirst = true; ; isFirst = false) {
      const startedMs = clock.now().mono;
      const some = nextOf(rows, rowsInOneGo);
      if (some.length === 0) break;
      const text = `${isFirst ? '' : ','}\n${this.#rowsText(some)}`;
      this.#busyMs += clock.now().mono - startedMs;
      yield text;
    }
    yield ']}\n';
  }

  #rowsText(rows: readonly SavedBinding[]): string {
    const { logger } = this.#options;
    const shown = rows.map(([id, endpointId, boundAtMs, lastUsedMs, count, client]) => {
      return [id, endpointId, boundAtMs, lastUsedMs, count, client === null ? null : logger.redact(client)];
    });
    return JSON.stringify(shown).slice(1, -1);
  }
}

/** The next few of an iterator, which goes on afterwards. */
function nextOf<T>(iterator: Iterator<T, void>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = iterator.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
