import type { RequestsRequest } from '../../contract/metrics.ts';
import type { Transition } from '../file/writer.ts';
import type { Cell } from '../sums/cells.ts';
import type { KeptRequest, PromptBand, UsedTokens } from '../sums/keptRequest.ts';
import type { Level } from '../sums/levels.ts';
import type { EncodedSums, Sums } from '../sums/sums.ts';

/** What a question is about; from `fromMs` on, before `toMs`. */
export interface Scope {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endpoint: string | undefined;
  readonly model: string | undefined;
  readonly session: string | undefined;
}

/** A row of sums on its way to whoever adds it up; valid until the next one comes. */
export type SumsVisitor = (atMs: number, endpoint: string, model: string, sums: Sums | EncodedSums) => void;

/** What a session used of a model, with prompts of one band. */
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

/** That a request of a session was answered. */
export interface SessionStep {
  readonly session: string;
  readonly client: string | undefined;
  readonly endpoint: string;
  readonly atMs: number;
}

/** What requests a page holds. */
export type PageRequest = Omit<RequestsRequest, 'limit'> & { readonly limit: number };

/** Where questions find what happened: the file, and what has not come into it. Reading from the file throws `StoreTrouble`. */
export interface Source {
  /** Sums of the stretches of a level. */
  visitSums(level: Level, scope: Scope, visit: SumsVisitor): void;
  sessions(level: Level, scope: Scope): SessionUse[];
  /** Of the sessions that were used last, in the order of time. */
  sessionSteps(scope: Scope, sessions: number): SessionStep[];
  /** In the order of time, the last one before the scope of each endpoint included. */
  transitions(scope: Scope): Transition[];
  /** Newest first. */
  requests(page: PageRequest): KeptRequest[];
}

/** Visits those of the cells whose endpoint and model are asked for. */
export function visitCells(cells: Iterable<Cell>, scope: Scope, visit: SumsVisitor): void {
  for (const { atMs, endpoint, model, sums } of cells) {
    const isMeant = (scope.endpoint ?? endpoint) === endpoint && (scope.model ?? model) === model;
    if (isMeant) visit(atMs, endpoint, model, sums);
  }
}

/** How a page is continued: what comes after this request. */
export function cursorOf({ record }: KeptRequest): string {
  return `${Math.round(record.startedWallMs)}~${record.id}`;
}

/** Undefined for what is no cursor. */
export function parseCursor(cursor: string | undefined): { readonly atMs: number; readonly id: string } | undefined {
  const match = /^(\d{1,15})~(.*)$/s.exec(cursor ?? '');
  return match === null ? undefined : { atMs: Number(match[1]), id: match[2] ?? '' };
}

/** Newest first, as pages are ordered. */
export function byNewest({ record: a }: KeptRequest, { record: b }: KeptRequest): number {
  const difference = Math.round(b.startedWallMs) - Math.round(a.startedWallMs);
  return difference !== 0 ? difference : a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
