import type { Disposable } from '../../base/disposable.ts';
import type { RequestPage } from '../../contract/metrics.ts';
import { ControlError } from '../link/controlClient.ts';
import type { FilteredStanding } from '../model/trees/filteredTree.ts';
import { filterQuery, type RequestFilter } from '../model/trees/requestFilter.ts';

const askEveryMs = 2000;
const tryAgainMs = 5000;

export interface FilteredRequestsOptions {
  /** A page of the record. Rejects with `ControlError`. */
  readonly ask: (query: string) => Promise<RequestPage>;
  readonly onChange: () => void;
  readonly wordsFor: (error: unknown) => string;
  readonly now?: () => number;
}

/**
 * The requests of the record that a filter lets through, as many pages of them as were asked for. `look` brings the newest;
 * what cannot be read now leaves what was read before.
 */
export class FilteredRequests implements Disposable {
  readonly #options: FilteredRequestsOptions;
  readonly #now: () => number;
  #filter: RequestFilter | undefined;
  #page: RequestPage | undefined;
  #pages = 1;
  #trouble: FilteredStanding['trouble'];
  /** The question that is under way; another filter forgets it. */
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

  /** Forgets what another filter has found. */
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

  /** To be called while somebody looks: asks for the newest when `mark` says that there are others, at most every 2 s. */
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

  /** The next page below those that are there. */
  async showMore(): Promise<void> {
    const before = this.#page;
    if (before === undefined || before.cursor === null) return;
    // A question for the newest that is under way is forgotten, so it is asked again afterwards.
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
      // Metrics are off, or the gateway is of a version that has none: what was read before is no longer the record.
      const isNotKept = error instanceof ControlError && error.status === 404;
      if (isNotKept) this.#page = undefined;
      this.#trouble = isNotKept ? { kind: 'notKept' } : { kind: 'failed', reason: wordsFor(error) };
    }
    this.#asking = undefined;
    onChange();
  }

  /** The newest in front of the older pages that were asked for; these end where they ended. */
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
