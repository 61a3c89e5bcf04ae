import type { Disposable } from '../../base/disposable.ts';
import type { Logger } from '../../base/logger.ts';
import type { TotalsSnapshot } from '../../contract/snapshot.ts';
import type { AttemptRecorder, RequestRecord } from '../../core/record/record.ts';
import { requestEnd } from '../../core/record/requestEnd.ts';

const keep = 100;

/** Records are digested in batches, so that no request waits for log and store; nobody notices this delay. */
const digestMs = 50;
/** So many records are digested in one turn of the event loop, which takes about half a millisecond. */
const sliceLength = 20;

/** Takes the records of requests: keeps the last 100 and sums since the start, writes a log line for each, passes them on. */
export class RequestDigest implements AttemptRecorder, Disposable {
  readonly #logger: Logger;
  readonly #onRecords: (records: readonly RequestRecord[]) => void;
  #undigested: RequestRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #nextSlice: NodeJS.Immediate | undefined;
  #recent: RequestRecord[] = [];
  #recordCount = 0;
  #isDisposed = false;
  #sums = { requests: 0, succeeded: 0, failedOver: 0, failed: 0, clientFaults: 0, aborted: 0 };

  constructor(logger: Logger, onRecords: (records: readonly RequestRecord[]) => void) {
    this.#logger = logger;
    this.#onRecords = onRecords;
  }

  /** Requests recorded since the start; the difference between two reads is the number of new ones. */
  get recordCount(): number {
    this.#digest();
    return this.#recordCount;
  }

  get sums(): Omit<TotalsSnapshot, 'inFlight' | 'waiting' | 'sessions'> {
    this.#digest();
    return this.#sums;
  }

  /** Newest first, at most `limit`. */
  newest(limit = keep): readonly RequestRecord[] {
    this.#digest();
    return this.#recent.slice(-limit).reverse();
  }

  /** Puts requests of an earlier process, newest first, before those of this one. They count in no sum. */
  prepend(earlier: readonly RequestRecord[]): void {
    this.#digest();
    const known = new Set(this.#recent.map(({ id }) => id));
    const older = earlier.filter(({ id }) => !known.has(id)).toReversed();
    this.#recent = [...older, ...this.#recent].slice(-keep);
  }

  record(request: RequestRecord): void {
    if (this.#isDisposed) return;
    this.#undigested.push(request);
    if (this.#nextSlice === undefined) this.#timer ??= setTimeout(() => this.#digestSlice(), digestMs);
  }

  /** Digests the rest; records that come later are dropped. */
  dispose(): void {
    this.#digest();
    this.#isDisposed = true;
  }

  #digestSlice(): void {
    this.#digest(sliceLength);
    if (this.#undigested.length > 0) this.#nextSlice = setImmediate(() => this.#digestSlice());
  }

  /** Digests the first records, or all of them. */
  #digest(count = this.#undigested.length): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#nextSlice);
    this.#timer = undefined;
    this.#nextSlice = undefined;
    if (this.#undigested.length === 0) return;
    const records = this.#undigested.splice(0, count);
    for (const request of records) {
      this.#recent.push(request);
      this.#recordCount += 1;
      this.#count(request);
      this.#log(request);
    }
    if (this.#recent.length > keep * 2) this.#recent = this.#recent.slice(-keep);
    this.#onRecords(records);
  }

  #count(request: RequestRecord): void {
    const sums = this.#sums;
    sums.requests += 1;
    switch (requestEnd(request)) {
      case 'failedOver':
        sums.succeeded += 1;
        sums.failedOver += 1;
        break;
      case 'ok':
        sums.succeeded += 1;
        break;
      case 'aborted':
        sums.aborted += 1;
        break;
      case 'clientFault':
        sums.clientFaults += 1;
        break;
      default:
        sums.failed += 1;
    }
  }

  #log(request: RequestRecord): void {
    for (const attempt of request.attempts) {
      if (attempt.class === 'success') continue;
      const { endpointId, reason, status } = attempt;
      const fields = { request: request.id, endpoint: endpointId, class: attempt.class, reason, status };
      this.#logger.warn('attempt failed', { ...fields, ms: Math.round(attempt.totalMs) });
    }
    const failed = request.terminal !== 'ok' && request.terminal !== 'clientAbort';
    this.#logger[failed ? 'warn' : 'info']('request', {
      id: request.id,
      route: request.route,
      model: request.model?.slice(0, 80),
      status: request.status,
      end: request.terminal,
      endpoint: request.endpointId,
      because: request.attempts.at(-1)?.chosenBecause,
      translatedTo: request.attempts.at(-1)?.translation?.to,
      lost: request.attempts.at(-1)?.translation?.losses.join(', ') || undefined,
      passedOver: passedOverText(request),
      attempts: request.attempts.length,
      firstByteMs: request.firstByteMs === undefined ? undefined : Math.round(request.firstByteMs),
      ms: Math.round(request.totalMs),
    });
  }
}

/** The reason why each other endpoint was not used: `second: not chosen: priority 1; third: open: connection refused`. */
function passedOverText({ attempts, passedOver }: RequestRecord): string | undefined {
  const all = passedOver.length > 0 ? passedOver : (attempts.at(-1)?.passedOver ?? []);
  return all.map(({ endpointId, reason }) => `${endpointId}: ${reason}`).join('; ') || undefined;
}
