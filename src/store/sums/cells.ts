import type { AttemptRecord } from '../../core/record/record.ts';
import { endpointOf, requestEnd } from '../../core/record/requestEnd.ts';
import { type KeptRequest, modelOf, promptBand, usedBy } from './keptRequest.ts';
import { Sums, tokenNames } from './sums.ts';

/** The sums for one stretch of time, endpoint and model. */
export interface Cell {
  readonly atMs: number;
  readonly endpoint: string;
  readonly model: string;
  readonly sums: Sums;
}

/** Maps a moment to the beginning of its stretch of time. */
export type Stretch = (atMs: number) => number;

/**
 * Requests added up by time, endpoint and model. A request counts for the endpoint that ended it, each attempt for the
 * endpoint that it was sent to.
 */
export class Cells {
  readonly #stretch: Stretch;
  readonly #cells = new Map<string, Cell>();

  constructor(stretch: Stretch) {
    this.#stretch = stretch;
  }

  [Symbol.iterator](): Iterator<Cell> {
    return this.#cells.values();
  }

  /** The same sums by longer stretches of time, each of which consists of whole ones of these. */
  over(stretch: Stretch): Cells {
    const longer = new Cells(stretch);
    for (const { atMs, endpoint, model, sums } of this) sums.addTo(longer.#at(stretch(atMs), endpoint, model));
    return longer;
  }

  add(request: KeptRequest): void {
    const { record, previous } = request;
    const atMs = this.#stretch(record.startedWallMs);
    addRequest(this.#at(atMs, endpointOf(record), modelOf(record)), request, previous);
    for (const attempt of record.attempts)
      addAttempt(this.#at(atMs, attempt.endpointId, attempt.sentModel ?? ''), attempt);
  }

  #at(atMs: number, endpoint: string, model: string): Sums {
    const key = `${atMs} ${endpoint} ${model}`;
    const cell = this.#cells.get(key) ?? { atMs, endpoint, model, sums: new Sums() };
    this.#cells.set(key, cell);
    return cell.sums;
  }
}

function addRequest(sums: Sums, { record }: KeptRequest, previous: string | null): void {
  const end = requestEnd(record);
  const tokens = usedBy(record);
  sums.count('requests');
  sums.count(`end.${end}`);
  sums.count('totalMs', Math.round(record.totalMs));
  const band = promptBand(tokens);
  for (const name of tokenNames) sums.count(`${name}.${band}`, tokens[name]);
  if (record.endpointId !== undefined && previous !== null) {
    sums.count('withPredecessor');
    if (previous === record.endpointId) sums.count('sameEndpoint');
  }
  sums.histograms.totalMs.measure(record.totalMs);
  if (record.firstByteMs !== undefined) sums.histograms.firstByteMs.measure(record.firstByteMs);
  if (end === 'failedOver') sums.histograms.failoverMs.measure(record.attempts.at(-1)?.startedAfterMs ?? 0);
}

function addAttempt(sums: Sums, attempt: AttemptRecord): void {
  sums.count('attempts');
  if (attempt.class !== 'success') sums.count(`failure.${attempt.class}`);
  if (attempt.isReusedConnection) sums.count('reused');
  if (isConnectionKnown(attempt)) sums.count('known');
}

/** A connection that was never established counts neither as new nor as reused. */
function isConnectionKnown({ isReusedConnection, status, firstByteMs }: AttemptRecord): boolean {
  return isReusedConnection || status !== undefined || firstByteMs !== undefined;
}
