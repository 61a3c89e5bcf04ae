import type { MetricsRequest, StoreHealth } from '../contract/metrics.ts';
import type { UserPrices } from '../core/record/prices.ts';
import type { PageRequest } from './query/source.ts';

/** What the store is to be like; may change while it runs. */
export interface StoreSettings {
  /** Days for which single requests are kept. */
  readonly rawDays: number;
  readonly prices: UserPrices;
}

/** What is given to the worker at its start. */
export interface StoreStart extends StoreSettings {
  /** `:memory:` where nothing is to be left behind. */
  readonly path: string;
  /** Only to answer questions: nothing of the file is changed, nor removed. */
  readonly isReadOnly?: boolean | undefined;
  /** Beyond this the oldest requests go, whatever their age. */
  readonly maxBytes: number;
}

/** What can be asked. `csv` and `json` are pieces of an export. */
export type StoreQuestion =
  | { readonly what: 'metrics'; readonly request: MetricsRequest }
  | { readonly what: 'page'; readonly page: PageRequest }
  | { readonly what: 'csv' | 'json'; readonly page: PageRequest };

/** From the gateway to the store's thread. Entries come as JSON from which every secret has been cut already. */
export type ToStore =
  | { readonly kind: 'entries'; readonly json: string; readonly count: number }
  | { readonly kind: 'settings'; readonly settings: StoreSettings }
  | { readonly kind: 'question'; readonly id: number; readonly question: StoreQuestion }
  | { readonly kind: 'close' };

/** From the store's thread to the gateway. An answer is JSON (or CSV) in UTF-8, ready to be sent on. */
export type FromStore =
  | { readonly kind: 'taken'; readonly count: number }
  | { readonly kind: 'health'; readonly health: StoreHealth }
  | { readonly kind: 'note'; readonly level: 'info' | 'warn' | 'error'; readonly text: string; readonly why: string }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly cursor: string | null;
      readonly source: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'closed' };
