import type { RequestPage, StoredRequest } from '../../contract/metrics.ts';
import { requestCost, type UserPrices } from '../../core/record/prices.ts';
import { PageOrder } from './pageOrder.ts';
import type { PageRequest, Source } from './source.ts';

/** A page of requests from all sources together. Throws `StoreTrouble` when a source cannot be read. */
export function pageAnswer(sources: readonly Source[], page: PageRequest, prices: UserPrices): RequestPage {
  const order = new PageOrder(page.sort ?? 'newest', prices);
  // One more than asked for shows whether another page follows.
  const more = { ...page, limit: page.limit + 1 };
  const found = sources.flatMap((source) => source.requests(more, order)).sort(order.compare);
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  const requests = shown.map(({ record }): StoredRequest => ({ ...record, costUsd: requestCost(record, prices) }));
  return { requests, cursor: found.length > page.limit && last !== undefined ? order.cursorOf(last) : null };
}
