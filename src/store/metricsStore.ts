import type { Metrics, MetricsRequest, RequestPage, StoreHealth } from '../contract/metrics.ts';
import { Retention } from './file/retention.ts';
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
  readonly onHealth: (health: StoreHealth) => void;
  readonly note: (note: Omit<Extract<FromStore, { kind: 'note' }>, 'kind'>) => void;
  /** Those of this release; tests bring others. */
  readonly migrations?: readonly Migration[];
}

/** What is kept in memory where the file takes nothing; the oldest go first. */
const maxWaiting = 10_000;
/** So many at once: a transaction stays short, for another process may want to write too. */
const batchSize = 500;
const hourMs = 3_600_000;

/**
 * What happened, in the file as long as that works, else in memory: writes what is added with the next `flush`, answers
 * from both. Trouble with the file never throws; it is the store's health, and it is tried again. Synchronous: for a thread
 * of its own.
 */
export class MetricsStore {
  readonly #options: MetricsStoreOptions;
  readonly #writer = new Writer();
  readonly #retention: Retention;
  #settings: StoreSettings;
  #file: StoreFile | undefined;
  #openedMs = 0;
  #source = 0;
  #waiting: Entry[] = [];
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

  /** What the last answer was read from: the moment at which the file was opened, or 0 where only memory could be read. */
  get source(): number {
    return this.#source;
  }

  set settings(settings: StoreSettings) {
    this.#settings = settings;
  }

  add(entries: readonly Entry[]): void {
    this.#waiting.push(...entries);
    if (this.#waiting.length > maxWaiting) this.#waiting = this.#waiting.slice(-maxWaiting);
  }

  /** Writes what has been added, as far as that can be done now. */
  flush(): void {
    if (this.#isTooEarly()) return;
    this.#write();
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

  /** One that cannot be written is found by halving the batch, and left out: it must not keep out all others. */
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

  /** What is wrong with one of the entries. Throws where something is with the file. */
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

  /** Removes some of what is too old or too much; true when there is more of it. */
  tidy(): boolean {
    const file = this.#file;
    if (file === undefined || this.#trouble !== undefined || this.#options.isReadOnly === true) return false;
    try {
      return this.#retention.step(file, this.#options.now(), this.#settings.rawDays);
    } catch (error) {
      this.#failed(troubleOf(error));
      this.#tellHealth();
      return false;
    }
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

  /** Writes what is left, and closes the file; an open one is waited for a while when another process writes into it. */
  close(): void {
    this.#file?.waitLonger();
    this.#write();
    this.#file?.close();
    this.#file = undefined;
  }

  /** From file and memory; from memory alone when the file cannot be read. */
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
    // Of two openings in a row the later one is another one.
    this.#openedMs = Math.max(this.#options.now(), this.#openedMs + 1);
    return this.#file;
  }

  #failed(trouble: StoreTrouble): void {
    // A file that is only locked or full can still be read; one that is broken is set aside when it is opened anew.
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

  /** Whether the file has failed so lately that it is not tried again yet. A clock that is set back makes no wait longer. */
  #isTooEarly(): boolean {
    if (this.#trouble === undefined) return false;
    const sinceMs = this.#options.now() - this.#failedAtMs;
    return sinceMs >= 0 && sinceMs < (retryAfterMs(this.#trouble.degradedBy) ?? Number.POSITIVE_INFINITY);
  }

  #recovered(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.note({ level: 'info', text: 'metrics are written again', why: '' });
  }

  /** The size is told again when it is another one to people. */
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
