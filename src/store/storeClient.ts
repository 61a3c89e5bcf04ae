import { Worker } from 'node:worker_threads';
import type { RedactingLogger } from '../base/logger.ts';
import type { StoreHealth } from '../contract/metrics.ts';
import type { Entry } from './file/writer.ts';
import { Outbox } from './outbox.ts';
import type { FromStore, StoreQuestion, StoreSettings, StoreStart, ToStore } from './storeProtocol.ts';

/** The program of the store's thread: a text, which needs no file on disk later, or a source file. */
export type StoreProgram = { readonly text: string } | { readonly file: URL };

export interface StoreClientOptions extends StoreStart {
  readonly program: StoreProgram;
  readonly logger: RedactingLogger;
  /** Called each time the thread starts: lasting states must be reported to it again. */
  readonly onStart?: () => void;
  /** The thread starts this much later, or when it is asked something: it would take the core of the first requests. */
  readonly startAfterMs?: number;
}

/** Bytes of JSON or CSV, ready to be sent. */
export interface StoreAnswer {
  readonly bytes: Uint8Array;
  /** The start of the next page; null after the last page. */
  readonly cursor: string | null;
  /** Identifies the file that was read; 0 if only memory could be read. */
  readonly source: number;
}

/** The store cannot be queried now: its thread has ended and will be restarted, or does not answer. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

interface Asked {
  readonly resolve: (answer: StoreAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** With this many entries unacknowledged the thread hangs: new ones are dropped so that memory stays bounded. */
const maxOnTheWay = 20_000;
const firstRestartMs = 1000;
const maxRestartMs = 60_000;
const closeWithinMs = 2000;
/** More questions than windows have, dashboards and exports together; further ones are refused. */
const maxAsked = 50;
/** Well above the slowest query over years of data: a thread that takes longer hangs. */
const answerWithinMs = 30_000;
const heapMb = 256;

/**
 * The store as the gateway's main thread sees it; the work happens in a worker thread. Never throws, never blocks, and
 * restarts the worker whenever it ends.
 */
export class StoreClient {
  readonly #options: StoreClientOptions;
  #settings: StoreSettings;
  #worker: Worker | undefined;
  readonly #outbox = new Outbox();
  /** Entries that the thread has in memory and not yet in the file: they end with it. */
  #unwritten = 0;
  #dropped = 0;
  #asked = new Map<number, Asked>();
  #lastId = 0;
  #health: StoreHealth = { kind: 'degraded', cause: 'failed', reason: 'not opened yet' };
  #restartMs = firstRestartMs;
  #restart: NodeJS.Timeout | undefined;
  #hasStarted = false;
  #closed: Promise<void> | undefined;
  #onClosed: () => void = () => undefined;

  constructor(options: StoreClientOptions) {
    this.#options = options;
    this.#settings = options;
    const { startAfterMs = 0 } = options;
    if (startAfterMs === 0) this.#start();
    else this.#restart = setTimeout(() => this.#start(), startAfterMs).unref();
  }

  get health(): StoreHealth {
    return this.#health;
  }

  set settings(settings: StoreSettings) {
    this.#settings = settings;
    this.#send({ kind: 'settings', settings: plainSettings(settings) });
  }

  add(entries: readonly Entry[]): void {
    if (entries.length === 0 || this.#closed !== undefined) return;
    if (this.#outbox.count + entries.length > maxOnTheWay) {
      if (this.#dropped === 0) this.#options.logger.warn('metrics are lost', { reason: 'the store does not keep up' });
      this.#dropped += entries.length;
      return;
    }
    const batch = { json: jsonWithoutSecrets(entries, this.#options.logger), count: entries.length };
    this.#outbox.add(batch);
    this.#send({ kind: 'entries', json: batch.json });
  }

  /** Rejects with `StoreUnavailable` when the thread ends before it answers, hangs, or has too many questions already. */
  ask(question: StoreQuestion): Promise<StoreAnswer> {
    if (!this.#hasStarted && this.#closed === undefined) this.#start();
    if (this.#worker === undefined) return Promise.reject(new StoreUnavailable('the store is not running'));
    if (this.#asked.size >= maxAsked) return Promise.reject(new StoreUnavailable('too many questions at once'));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const tooLate = (): void => this.#answered(id, () => reject(new StoreUnavailable('the store does not answer')));
      this.#asked.set(id, { resolve, reject, timer: setTimeout(tooLate, answerWithinMs).unref() });
      this.#send({ kind: 'question', id, question, dueMs: Date.now() + answerWithinMs });
    });
  }

  /** Writes the remaining entries and ends the thread; resolves when the thread has ended. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#restart);
    if (!this.#hasStarted && this.#outbox.count > 0) this.#start();
    const worker = this.#worker;
    if (worker === undefined) {
      this.#tellLoss(this.#outbox.count + this.#dropped);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const inTime = new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      timer = setTimeout(resolve, closeWithinMs);
    });
    this.#send({ kind: 'close' });
    await inTime;
    clearTimeout(timer);
    this.#tellLoss(this.#outbox.count + this.#unwritten + this.#dropped);
    await worker.terminate();
  }

  #start(): void {
    clearTimeout(this.#restart);
    this.#hasStarted = true;
    const { program, path, isReadOnly, maxBytes } = this.#options;
    const workerData: StoreStart = { path, isReadOnly, maxBytes, ...plainSettings(this.#settings) };
    const options = { workerData, name: 'metrics', resourceLimits: { maxOldGenerationSizeMb: heapMb } };
    const worker =
      'text' in program ? new Worker(program.text, { ...options, eval: true }) : new Worker(program.file, options);
    // The worker alone must not keep the process alive.
    worker.unref();
    this.#worker = worker;
    worker.on('message', (message: FromStore) => this.#heard(message));
    // After an error the thread reads no more messages, although it ends a little later.
    worker.on('error', (error) => {
      this.#options.logger.error('the store has failed', { error: String(error) });
      this.#lost(worker);
    });
    worker.on('exit', () => this.#lost(worker));
    for (const { json } of this.#outbox.batches) this.#send({ kind: 'entries', json });
    this.#options.onStart?.();
  }

  #send(message: ToStore): void {
    this.#worker?.postMessage(message);
  }

  #heard(message: FromStore): void {
    switch (message.kind) {
      case 'taken':
        this.#outbox.confirm();
        this.#unwritten = message.unwritten;
        this.#restartMs = firstRestartMs;
        this.#tellLoss(this.#dropped);
        this.#dropped = 0;
        return;
      case 'written':
        this.#unwritten = message.unwritten;
        return;
      case 'health':
        this.#health = message.health;
        return;
      case 'note':
        this.#options.logger[message.level](message.text, message.why === '' ? {} : { why: message.why });
        return;
      case 'answer':
        this.#answered(message.id, ({ resolve }) => resolve(message));
        return;
      case 'failed':
        this.#answered(message.id, ({ reject }) => reject(new Error(message.message)));
        return;
      case 'closed':
        this.#onClosed();
        return;
      default:
        message satisfies never;
    }
  }

  #tellLoss(count: number): void {
    if (count > 0) this.#options.logger.warn('metrics were lost', { count });
  }

  #answered(id: number, end: (asked: Asked) => void): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    clearTimeout(asked.timer);
    end(asked);
  }

  #lost(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const id of [...this.#asked.keys()]) {
      this.#answered(id, ({ reject }) => reject(new StoreUnavailable('the store has ended')));
    }
    this.#onClosed();
    if (this.#closed !== undefined) return;
    this.#tellLoss(this.#outbox.threadEnded() + this.#unwritten);
    this.#unwritten = 0;
    this.#health = { kind: 'degraded', cause: 'failed', reason: 'its thread has ended and restarts' };
    this.#restart = setTimeout(() => this.#start(), this.#restartMs);
    this.#restart.unref();
    this.#restartMs = Math.min(this.#restartMs * 2, maxRestartMs);
  }
}

/** Enum-like fields are not redacted: a key that happens to equal one of their words must not blank them. */
const ownWords = new Set(['kind', 'code', 'endpointId', 'dialect', 'terminal', 'class', 'state', 'what', 'key']);

/** Searching the whole text is fast; only when it contains a secret is each field redacted separately. */
function jsonWithoutSecrets(entries: readonly Entry[], logger: Pick<StoreClientOptions['logger'], 'redact'>): string {
  const json = JSON.stringify(entries);
  if (logger.redact(json) === json) return json;
  return JSON.stringify(entries, (name, value: unknown) =>
    typeof value === 'string' && !ownWords.has(name) ? logger.redact(value) : value,
  );
}

/** The fields that structured cloning can send to a thread. */
function plainSettings({ rawDays, prices }: StoreSettings): StoreSettings {
  return { rawDays, prices };
}
