import { hourMs, minuteMs } from '../base/time.ts';
import type { Metrics, MetricsRequest, RequestPage, StoreHealth } from '../contract/metrics.ts';
import { Retention } from './file/retention.ts';
import { RetentionClock } from './file/retentionClock.ts';
import type { Migration } from './file/schema.ts';
import type { BrokenFile } from './file/setAside.ts';
import { StoreFile } from './file/storeFile.ts';
import { retryAfterMs, type StoreTrouble, troubleOf } from './file/trouble.ts';
import { type Entry, Writer } from './file/writer.ts';
import { FileSource } from './query/fileSource.ts';
import { MemorySource } from './query/memorySource.ts';
import { metricsAnswer } from './query/metricsAnswer.ts';
import { pageAnswer } from './query/pageAnswer.ts';
import type { PageRequest, Source } from './query/source.ts';
import type { FromStore, StoreSettings, StoreStart } from './storeProtocol.ts';
import { Pricing } from './sums/totals.ts';

export interface MetricsStoreOptions extends StoreStart {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyNow: () => number;
  readonly onHealth: (health: StoreHealth) => void;
  readonly note: (note: Omit<Extract<FromStore, { kind: 'note' }>, 'kind'>) => void;
  /** By default those of this release; tests pass their own. */
  readonly migrations?: readonly Migration[];
}

/** Entries kept in memory while the file cannot be written; the oldest are dropped first. */
const maxWaiting = 10_000;
/** Entries per transaction, so that another process that writes to the file waits briefly. */
const batchSize = 500;
/** How often the time by which records grow old is left to the next process. */
const keepTimeMs = 10 * minuteMs;

/**
 * The history of requests, state changes and checks: in the file while that works, otherwise in memory. `flush` writes the
 * added entries; queries read file and memory. File errors never throw: they become the store's health, and the file is
 * tried again. Synchronous, so it runs in a worker thread.
 *
 * The rooms below: `sums/` adds requests up (a *cell* is the sum for one stretch of time, endpoint and model; a *level* is
 * the length of the stretch: minute, hour or day; a *prompt band* groups prompts by size because prices depend on it),
 * `file/` holds the SQLite schema, writer and retention, `query/` answers questions from file and memory alike.
 */
export class MetricsStore {
  readonly #options: MetricsStoreOptions;
  readonly #writer = new Writer();
  readonly #retention: Retention;
  #retentionClock: RetentionClock | undefined;
  /** On the steady clock. */
  #keepTimeAtMs = Number.NEGATIVE_INFINITY;
  #settings: StoreSettings;
  #file: StoreFile | undefined;
  #openedMs = 0;
  #source = 0;
  #waiting: Entry[] = [];
  /** Entries that found no room in memory while the file took none. */
  #lost = 0;
  #trouble: StoreTrouble | undefined;
  #broken: BrokenFile | undefined;
  #failedAtMs = 0;
  #hasBegun = false;
  #toldHealth = '';

  constructor(options: MetricsStoreOptions) {
    this.#options = options;
    this.#settings = options;
    this.#retention = new Retention(options.maxBytes);
  }

  get health(): StoreHealth {
    const file = this.#file;
    if (this.#trouble === undefined && file !== undefined) {
      try {
        return { kind: 'ok', sizeBytes: file.sizeBytes, oldestMs: this.#retention.oldestMs(file) };
      } catch (error) {
        this.#failed(troubleOf(error));
      }
    }
    const trouble = this.#trouble;
    if (trouble === undefined) return { kind: 'degraded', cause: 'failed', reason: 'not opened yet' };
    return { kind: 'degraded', cause: trouble.degradedBy, reason: trouble.message };
  }

  /** Identifies the file that the last answer was read from: its opening time, or 0 if only memory could be read. */
  get source(): number {
    return this.#source;
  }

  set settings(settings: StoreSettings) {
    this.#settings = settings;
  }

  add(entries: readonly Entry[]): void {
    this.#waiting.push(...entries);
    if (this.#waiting.length <= maxWaiting) return;
    this.#lost += this.#waiting.length - maxWaiting;
    this.#waiting = this.#waiting.slice(-maxWaiting);
  }

  /** How many entries are in memory only. */
  get unwritten(): number {
    return this.#waiting.length;
  }

  /** Writes the added entries as far as the file accepts them now; does nothing before `retryInMs` has passed. */
  flush(): void {
    if ((this.retryInMs ?? 0) <= 0) this.#write();
  }

  /**
   * The rest of the wait after the last failure, in milliseconds; undefined without trouble, `Infinity` if no try can succeed.
   * Setting the clock back does not prolong the wait.
   */
  get retryInMs(): number | undefined {
    if (this.#trouble === undefined) return undefined;
    const sinceMs = this.#options.now() - this.#failedAtMs;
    const waitMs = retryAfterMs(this.#trouble.degradedBy) ?? Number.POSITIVE_INFINITY;
    return sinceMs < 0 ? 0 : waitMs - sinceMs;
  }

  #write(): void {
    try {
      const file = this.#opened();
      file.assertInPlace();
      if (!this.#hasBegun && this.#options.isReadOnly !== true) this.#writer.begin(file);
      this.#hasBegun = true;
      this.#writeWaiting(file);
      this.#recovered();
    } catch (error) {
      this.#failed(troubleOf(error));
    }
    this.#tellHealth();
  }

  /** A record that cannot be written must not block the others: halving the batch finds it, and it is left out. */
  #writeWaiting(file: StoreFile): void {
    let size = batchSize;
    const left: string[] = [];
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, size);
      const trouble = this.#written(file, batch);
      if (trouble !== undefined && batch.length > 1) {
        size = Math.ceil(batch.length / 2);
        continue;
      }
      if (trouble !== undefined) left.push(trouble.message);
      this.#waiting = this.#waiting.slice(batch.length);
      size = Math.min(size * 2, batchSize);
    }
    const [why] = left;
    if (why !== undefined)
      this.#options.note({ level: 'error', text: `left out of the metrics: ${left.length} of the records`, why });
  }

  /** Returns the trouble if it lies in an entry; throws it if it lies in the file. */
  #written(file: StoreFile, batch: readonly Entry[]): StoreTrouble | undefined {
    try {
      this.#writer.write(file, batch);
      return undefined;
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.isOfEntry) return trouble;
      throw trouble;
    }
  }

  /** Removes some of the entries beyond the retention limits; true when more remain. */
  tidy(): boolean {
    const file = this.#file;
    if (file === undefined || this.#trouble !== undefined || this.#options.isReadOnly === true) return false;
    try {
      return this.#retention.step(file, this.#retentionTime(file), this.#settings.rawDays);
    } catch (error) {
      this.#failed(troubleOf(error));
      this.#tellHealth();
      return false;
    }
  }

  #retentionTime(file: StoreFile): number {
    const now = { wall: this.#options.now(), mono: this.#options.steadyNow() };
    this.#retentionClock ??= new RetentionClock(this.#retention.keptTime(file), now, (byMs) => {
      const why = `it is ${Math.round(byMs / hourMs)} h ahead of the newest record`;
      this.#options.note({ level: 'warn', text: 'the clock may be wrong: old records are kept for another day', why });
    });
    const clock = this.#retentionClock;
    const wasInDoubt = clock.isInDoubt;
    const believedMs = clock.at(now);
    if (now.mono >= this.#keepTimeAtMs || clock.isInDoubt !== wasInDoubt) {
      this.#retention.keepTime(file, clock.kept(now));
      this.#keepTimeAtMs = now.mono + keepTimeMs;
    }
    return believedMs;
  }

  metrics(request: MetricsRequest): Metrics {
    const nowMs = this.#options.now();
    const toMs = request.to ?? nowMs;
    const fromMs = Math.min(request.from ?? toMs - hourMs, toMs);
    const { endpoint, model, session } = request;
    const scope = { fromMs, toMs, endpoint, model, session };
    const pricing = new Pricing(this.#settings.prices);
    return this.#ask((sources) => metricsAnswer(sources, { scope, nowMs, pricing, store: this.health }));
  }

  page(page: PageRequest): RequestPage {
    return this.#ask((sources) => pageAnswer(sources, page, this.#settings.prices));
  }

  /** Writes the remaining entries and closes the file; waits a while if another process holds its lock. */
  close(): void {
    this.#file?.waitLonger();
    this.#write();
    this.#tellLoss();
    this.#file?.close();
    this.#file = undefined;
  }

  /** Asks file and memory; memory alone when the file cannot be read. */
  #ask<T>(question: (sources: readonly Source[]) => T): T {
    const memory = new MemorySource(this.#waiting);
    const file = this.#file;
    this.#source = 0;
    if (file === undefined) return question([memory]);
    try {
      const answer = question([new FileSource(file), memory]);
      this.#source = this.#openedMs;
      return answer;
    } catch (error) {
      this.#failed(troubleOf(error));
      this.#tellHealth();
      return question([memory]);
    }
  }

  #opened(): StoreFile {
    const { path, isReadOnly, migrations, note } = this.#options;
    if (this.#file !== undefined) return this.#file;
    this.#file = StoreFile.open({
      path,
      isReadOnly,
      ...(migrations === undefined ? {} : { migrations }),
      broken: this.#broken,
      onSetAside: (as, why) => note({ level: 'warn', text: `metrics could not be read, set aside as ${as}`, why }),
    });
    this.#broken = undefined;
    // Two openings within one millisecond must not share a source number.
    this.#openedMs = Math.max(this.#options.now(), this.#openedMs + 1);
    return this.#file;
  }

  #failed(trouble: StoreTrouble): void {
    // A locked or full file can still be read; a corrupt one is set aside when it is opened again.
    const isReadable = trouble.degradedBy === 'locked' || trouble.degradedBy === 'full';
    if (trouble.degradedBy === 'corrupt' && this.#file !== undefined)
      this.#broken = { inode: this.#file.inode, why: trouble.message };
    if (!isReadable) {
      this.#file?.close();
      this.#file = undefined;
    }
    if (this.#trouble?.degradedBy !== trouble.degradedBy) {
      const text = `metrics are kept in memory only (${trouble.degradedBy})`;
      this.#options.note({ level: 'warn', text, why: trouble.message });
    }
    this.#trouble = trouble;
    this.#failedAtMs = this.#options.now();
  }

  #recovered(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.note({ level: 'info', text: 'metrics are written again', why: '' });
    this.#tellLoss();
  }

  #tellLoss(): void {
    if (this.#lost === 0) return;
    const why = `${this.#lost} found no room in memory`;
    this.#lost = 0;
    this.#options.note({ level: 'warn', text: 'metrics were lost', why });
  }

  /** Reports the health only if it changed as people see it: the size in whole MiB. */
  #tellHealth(): void {
    const { health } = this;
    const told =
      health.kind === 'degraded' ? `${health.cause} ${health.reason}` : `${health.kind} ${mebibytes(health)}`;
    if (told === this.#toldHealth) return;
    this.#toldHealth = told;
    this.#options.onHealth(health);
  }
}

function mebibytes(health: StoreHealth): number {
  return health.kind === 'ok' ? Math.round(health.sizeBytes / 1_048_576) : 0;
}
