import type { Filter, Range } from '../../contract/dashboard.ts';
import type { Metrics } from '../../contract/metrics.ts';

/** Which figures the page shows. */
export interface Look {
  readonly range: Range;
  readonly filter: Filter;
}

/** Older than this, figures are asked for anew. */
const freshMs = 2000;

/**
 * Figures, asked for while VS Code still makes the page that is going to want them: when it does, they are there. What the
 * page looked at last it looks at again when it is made anew; a new page begins with the last hour.
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

  /** A page is being made. Never throws: what fails is asked for again. */
  begin(): void {
    const metrics = this.#ask(this.#last);
    metrics.catch(() => undefined);
    this.#ahead = { atMs: this.#nowMs(), look: JSON.stringify(this.#last), metrics };
  }

  /** Rejects as the question does. */
  async of({ range, filter }: Look): Promise<Metrics> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#last = { range, filter };
    const isMeant = ahead?.look === JSON.stringify(this.#last) && this.#nowMs() - ahead.atMs < freshMs;
    if (!isMeant) return this.#ask(this.#last);
    return ahead.metrics.catch((error: unknown) => {
      // What hangs is not asked twice.
      if (this.#nowMs() - ahead.atMs >= freshMs) throw error;
      return this.#ask(this.#last);
    });
  }
}
