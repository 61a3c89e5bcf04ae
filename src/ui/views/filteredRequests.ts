import type { Disposable } from '../../base/disposable.ts';
import type { RequestPage } from '../../contract/metrics.ts';
import { ControlError } from '../link/controlClient.ts';
import type { FilteredStanding } from '../model/trees/filteredTree.ts';
import { filterQuery, type RequestFilter } from '../model/trees/requestFilter.ts';

const askEveryMs = 2000;
const tryAgainMs = 5000;

export interface FilteredRequestsOptions {
  /** Loads a page of records. Rejects with `ControlError`. */
  readonly ask: (query: string) => Promise<RequestPage>;
  readonly onChange: () => void;
  readonly wordsFor: (error: unknown) => string;
  readonly now?: () => number;
}

/** The recorded requests that match a filter, as many pages as requested. `look` loads the newest; errors keep earlier pages. */
export class FilteredRequests implements Disposable {
  readonly #options: FilteredRequestsOptions;
  readonly #now: () => number;
  #filter: RequestFilter | undefined;
  #page: RequestPage | undefined;
  #pages = 1;
  #trouble: FilteredStanding['trouble'];
  /** The running query; a new filter discards it. */
  #asking: object | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #seenMark: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FilteredRequestsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get filter(): RequestFilter | undefined {
    return this.#filter;
  }

  /** Undefined without a filter. */
  get standing(): FilteredStanding | undefined {
    if (this.#filter === undefined) return undefined;
    const page = this.#page;
    const hasMore = page !== undefined && page.cursor !== null;
    return { filter: this.#filter, requests: page?.requests, hasMore, trouble: this.#trouble };
  }

  /** Discards the results of the previous filter. */
  setFilter(filter: RequestFilter | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#filter = filter;
    this.#page = undefined;
    this.#pages = 1;
    this.#trouble = undefined;
    this.#asking = undefined;
    this.#seenMark = undefined;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Call while the view is visible: loads the newest when `mark` changes, at most every 2 s. */
  look(mark: string): void {
    if (this.#filter === undefined || this.#asking !== undefined) return;
    const sinceMs = this.#now() - this.#askedAtMs;
    const isFailed = this.#trouble?.kind === 'failed' && sinceMs >= tryAgainMs;
    if (mark === this.#seenMark && !isFailed) return;
    if (sinceMs < askEveryMs) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#options.onChange();
      }, askEveryMs - sinceMs);
      return;
    }
    this.#seenMark = mark;
    this.#askedAtMs = this.#now();
    void this.#ask(undefined, (page) => {
      this.#page = this.#withNewest(page);
    });
  }

  /** Loads the next older page. */
  async showMore(): Promise<void> {
    const before = this.#page;
    if (before === undefined || before.cursor === null) return;
    // A running query for the newest is discarded and repeated afterwards.
    if (this.#asking !== undefined) this.#seenMark = undefined;
    await this.#ask(before.cursor, ({ requests, cursor }) => {
      this.#page = { requests: [...before.requests, ...requests], cursor };
      this.#pages += 1;
    });
  }

  dispose(): void {
    this.setFilter(undefined);
  }

  async #ask(cursor: string | undefined, receive: (page: RequestPage) => void): Promise<void> {
    const { ask, onChange, wordsFor } = this.#options;
    const question = {};
    this.#asking = question;
    try {
      const page = await ask(filterQuery(this.#filter ?? {}, cursor));
      if (this.#asking !== question) return;
      receive(page);
      this.#trouble = undefined;
    } catch (error) {
      if (this.#asking !== question) return;
      // Metrics are off or not supported: earlier pages are no longer valid.
      const isNotKept = error instanceof ControlError && error.status === 404;
      if (isNotKept) this.#page = undefined;
      this.#trouble = isNotKept ? { kind: 'notKept' } : { kind: 'failed', reason: wordsFor(error) };
    }
    this.#asking = undefined;
    onChange();
  }

  /** The newest page in front of the older ones, which keep their end. */
  #withNewest(newest: RequestPage): RequestPage {
    const older = this.#page;
    const lastId = newest.requests.at(-1)?.id;
    const met = older?.requests.findIndex(({ id }) => id === lastId) ?? -1;
    const tail = older?.requests.slice(met + 1) ?? [];
    const isKept =
      this.#pages > 1 && met !== -1 && tail.length > 0 && tail.length <= this.#pages * newest.requests.length;
    if (isKept) return { requests: [...newest.requests, ...tail], cursor: older?.cursor ?? null };
    this.#pages = 1;
    return newest;
  }
}
