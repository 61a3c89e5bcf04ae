import type { MetricsRequest, StoreHealth } from '../contract/metrics.ts';
import type { UserPrices } from '../core/record/prices.ts';
import type { PageRequest } from './query/source.ts';

/** Settings of the store that may change while it runs. */
export interface StoreSettings {
  /** Days for which individual requests are kept. */
  readonly rawDays: number;
  readonly prices: UserPrices;
}

/** Input of the worker at its start. */
export interface StoreStart extends StoreSettings {
  /** `:memory:` to leave no file behind. */
  readonly path: string;
  /** For queries only: the file is neither changed nor removed. */
  readonly isReadOnly?: boolean | undefined;
  /** Beyond this size the oldest records are removed, whatever their age. */
  readonly maxBytes: number;
}

/** A query. `csv` and `json` return one piece of an export. */
export type StoreQuestion =
  | { readonly what: 'metrics'; readonly request: MetricsRequest }
  | { readonly what: 'page'; readonly page: PageRequest }
  | { readonly what: 'csv' | 'json'; readonly page: PageRequest };

/** From the gateway to the store's thread. Entries are JSON, already redacted. */
export type ToStore =
  | { readonly kind: 'entries'; readonly json: string }
  | { readonly kind: 'settings'; readonly settings: StoreSettings }
  /** `dueMs`: epoch milliseconds after which nobody waits for the answer. */
  | { readonly kind: 'question'; readonly id: number; readonly question: StoreQuestion; readonly dueMs: number }
  | { readonly kind: 'close' };

/** From the store's thread to the gateway. An answer is JSON (or CSV) in UTF-8, ready to be sent on. */
export type FromStore =
  /** The entries of one message, the oldest that was not confirmed yet, are in the thread's memory. */
  | { readonly kind: 'taken'; readonly unwritten: number }
  /** Entries were written; `unwritten` ones are in memory only, and end with the thread. */
  | { readonly kind: 'written'; readonly unwritten: number }
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
