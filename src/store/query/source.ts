import type { RequestsRequest } from '../../contract/metrics.ts';
import type { Transition } from '../file/writer.ts';
import type { Cell } from '../sums/cells.ts';
import type { KeptRequest, PromptBand, UsedTokens } from '../sums/keptRequest.ts';
import type { Level } from '../sums/levels.ts';
import type { EncodedSums, Sums } from '../sums/sums.ts';
import type { PageOrder } from './pageOrder.ts';

/** The filter of a query: from `fromMs` (inclusive) to `toMs` (exclusive). */
export interface Scope {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endpoint: string | undefined;
  readonly model: string | undefined;
  readonly session: string | undefined;
}

/** Receives rows of sums; `sums` is reused for the next row. */
export type SumsVisitor = (atMs: number, endpoint: string, model: string, sums: Sums | EncodedSums) => void;

/** A session's usage of one model with prompts of one band. */
export interface SessionUse {
  readonly session: string;
  readonly client: string | undefined;
  readonly model: string;
  readonly band: PromptBand;
  readonly requests: number;
  readonly tokens: UsedTokens;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** One answered request of a session. */
export interface SessionStep {
  readonly session: string;
  readonly client: string | undefined;
  readonly endpoint: string;
  readonly atMs: number;
}

/** The filter, start and size of a page of requests; `endpoint`, `session`, `class` and `end` may be several (`eachOf`). */
export type PageRequest = Omit<RequestsRequest, 'limit'> & { readonly limit: number };

/** A source of history for queries: the file, or the entries not written yet. Reading the file throws `StoreTrouble`. */
export interface Source {
  /** Visits the sums of a level that match the scope. */
  visitSums(level: Level, scope: Scope, visit: SumsVisitor): void;
  sessions(level: Level, scope: Scope): SessionUse[];
  /** Answered requests of the most recently used sessions, in order of time. */
  sessionSteps(scope: Scope, sessions: number): SessionStep[];
  /** In order of time, including each endpoint's last one before the scope. */
  transitions(scope: Scope): Transition[];
  /** In the given order, by default the newest first. */
  requests(page: PageRequest, order?: PageOrder): KeptRequest[];
}

/** The alternatives of a filter, which are separated by commas. */
export function eachOf(filter: string): readonly string[] {
  return filter.split(',');
}

/** Visits the cells that match endpoint and model of the scope. */
export function visitCells(cells: Iterable<Cell>, scope: Scope, visit: SumsVisitor): void {
  for (const { atMs, endpoint, model, sums } of cells) {
    const isMeant = (scope.endpoint ?? endpoint) === endpoint && (scope.model ?? model) === model;
    if (isMeant) visit(atMs, endpoint, model, sums);
  }
}
