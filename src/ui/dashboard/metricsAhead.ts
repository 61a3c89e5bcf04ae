import type { Filter, Range } from '../../contract/dashboard.ts';
import type { Metrics } from '../../contract/metrics.ts';

/** The query of the page. */
export interface Look {
  readonly range: Range;
  readonly filter: Filter;
}

/** Older figures are requested again. */
const freshMs = 2000;

/**
 * Requests figures while VS Code still creates the page, so that they are ready when the page asks. A recreated page starts
 * with its last query, a new page with the last hour.
 */
export class MetricsAhead {
  readonly #ask: (look: Look) => Promise<Metrics>;
  readonly #nowMs: () => number;
  #last: Look = { range: { kind: 'last', span: 'hour' }, filter: {} };
  #ahead: { readonly atMs: number; readonly look: string; readonly metrics: Promise<Metrics> } | undefined;

  constructor(ask: (look: Look) => Promise<Metrics>, nowMs: () => number) {
    this.#ask = ask;
    this.#nowMs = nowMs;
  }

  /** Call when a page is being created. Never throws; failed queries are repeated. */
  begin(): void {
    const metrics = this.#ask(this.#last);
    metrics.catch(() => undefined);
    this.#ahead = { atMs: this.#nowMs(), look: JSON.stringify(this.#last), metrics };
  }

  /** Rejects like the query. */
  async of({ range, filter }: Look): Promise<Metrics> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#last = { range, filter };
    const isMeant = ahead?.look === JSON.stringify(this.#last) && this.#nowMs() - ahead.atMs < freshMs;
    if (!isMeant) return this.#ask(this.#last);
    return ahead.metrics.catch((error: unknown) => {
      // A hanging query is not repeated.
      if (this.#nowMs() - ahead.atMs >= freshMs) throw error;
      return this.#ask(this.#last);
    });
  }
}
