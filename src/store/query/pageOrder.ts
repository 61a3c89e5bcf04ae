import type { RequestSort } from '../../contract/metrics.ts';
import { costOf, priceOf, promptTokens, requestCost, tokensOf, type UserPrices } from '../../core/record/prices.ts';
import type { RequestRecord } from '../../core/record/record.ts';
import type { StoreFile } from '../file/storeFile.ts';
import type { KeptRequest } from '../sums/keptRequest.ts';

/** A request without the figure comes after all that have it. */
const unknown = -1;

/** The place of a request in an order; pages continue behind the last one's. */
interface Place {
  readonly figure: number;
  readonly atMs: number;
  readonly id: string;
}

/** The order of requests in pages: by a figure, the largest first; equal ones, and `newest`, by time, the newest first. */
export class PageOrder {
  readonly #sort: RequestSort;
  readonly #prices: UserPrices;

  constructor(sort: RequestSort, prices: UserPrices) {
    this.#sort = sort;
    this.#prices = prices;
  }

  /** Comparator. */
  readonly compare = (a: KeptRequest, b: KeptRequest): number => {
    const [one, other] = [this.#placeOf(a), this.#placeOf(b)];
    return other.figure - one.figure || other.atMs - one.atMs || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
  };

  /** The cursor of the page that continues after this request. */
  cursorOf(request: KeptRequest): string {
    const { figure, atMs, id } = this.#placeOf(request);
    return `${figure}~${atMs}~${id}`;
  }

  /** Undefined for a malformed cursor. */
  parse(cursor: string | undefined): Place | undefined {
    const match = /^(-?[\d.e+-]{1,30})~(\d{1,15})~(.*)$/s.exec(cursor ?? '');
    const figure = Number(match?.[1]);
    return match === null || Number.isNaN(figure) ? undefined : { figure, atMs: Number(match[2]), id: match[3] ?? '' };
  }

  /** Whether a request comes after a place. */
  isAfter(request: KeptRequest, place: Place): boolean {
    const { figure, atMs, id } = this.#placeOf(request);
    if (figure !== place.figure) return figure < place.figure;
    return atMs !== place.atMs ? atMs < place.atMs : id < place.id;
  }

  /** The figure as SQL over `requests`; undefined where time alone orders. Makes what the text needs known to the file. */
  sql(file: StoreFile): string | undefined {
    switch (this.#sort) {
      case 'newest':
        return undefined;
      case 'firstByte':
        return `coalesce(first_byte_ms, ${unknown})`;
      case 'total':
        return 'total_ms';
      case 'cost':
        // The same arithmetic as everywhere, to the last bit: a cursor compares with what it gives.
        file.db.function('cost_of', { deterministic: true, varargs: true }, (...columns) =>
          costOfColumns(columns, this.#prices),
        );
        return `cost_of(sent_model, dialect, input, output, cache_read, cache_write, cache_write_1h)`;
      default:
        return this.#sort satisfies never;
    }
  }

  #placeOf({ record }: KeptRequest): Place {
    return { figure: this.#figureOf(record), atMs: Math.round(record.startedWallMs), id: record.id };
  }

  #figureOf(record: RequestRecord): number {
    switch (this.#sort) {
      case 'newest':
        return 0;
      case 'firstByte':
        return record.firstByteMs ?? unknown;
      case 'total':
        return record.totalMs;
      case 'cost':
        return requestCost(record, this.#prices) ?? unknown;
      default:
        return this.#sort satisfies never;
    }
  }
}

/** `requestCost` from the columns of a row. */
function costOfColumns(columns: readonly unknown[], prices: UserPrices): number {
  const [model, dialect, ...counts] = columns;
  if (typeof model !== 'string' || counts.every((one) => one === null)) return unknown;
  const [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens] = counts.map((one) =>
    typeof one === 'number' ? one : undefined,
  );
  const usage = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens };
  const tokens = tokensOf(usage, dialect === 'openai' ? 'openai' : 'anthropic');
  return costOf(tokens, priceOf(model, prices, promptTokens(tokens))) ?? unknown;
}
