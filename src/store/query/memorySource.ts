import { dayMs } from '../../base/time.ts';
import { endpointOf, requestEnd } from '../../core/record/requestEnd.ts';
import type { Entry, Transition } from '../file/writer.ts';
import { Cells } from '../sums/cells.ts';
import { inTenths, type KeptRequest, modelOf, promptBand, usedBy } from '../sums/keptRequest.ts';
import { beginOfDay, dayOf, type Level, levels } from '../sums/levels.ts';
import { PageOrder } from './pageOrder.ts';
import {
  eachOf,
  type PageRequest,
  type Scope,
  type SessionStep,
  type SessionUse,
  type Source,
  type SumsVisitor,
  visitCells,
} from './source.ts';

/** Answers queries from the entries that are not in the file yet. */
export class MemorySource implements Source {
  readonly #requests: readonly KeptRequest[];
  readonly #transitions: readonly Transition[];

  constructor(entries: readonly Entry[]) {
    const last = new Map<string, string>();
    this.#requests = entries.flatMap((entry) => {
      if (entry.kind !== 'request') return [];
      const record = inTenths(entry.record);
      const previous = last.get(record.sessionId ?? '') ?? null;
      if (record.sessionId !== undefined && record.endpointId !== undefined)
        last.set(record.sessionId, record.endpointId);
      return [{ record, previous }];
    });
    this.#transitions = entries.flatMap((entry) => (entry.kind === 'transition' ? [entry.transition] : []));
  }

  visitSums(level: Level, scope: Scope, visit: SumsVisitor): void {
    const cells = new Cells(levels[level].of);
    // Whole days, as in the file; a local day has 23 to 25 hours.
    const [fromMs, toMs] =
      level === 'day'
        ? [beginOfDay(dayOf(scope.fromMs)), beginOfDay(dayOf(scope.toMs - 1) + dayMs)]
        : [levels[level].of(scope.fromMs), scope.toMs];
    for (const one of this.#within({ ...scope, fromMs, toMs, endpoint: undefined, model: undefined })) cells.add(one);
    visitCells(cells, scope, visit);
  }

  sessions(_level: Level, scope: Scope): SessionUse[] {
    return this.#within(scope).flatMap(({ record }) => {
      const { sessionId: session, client, startedWallMs: atMs } = record;
      if (session === undefined) return [];
      const tokens = usedBy(record);
      const what = { session, client, model: modelOf(record), band: promptBand(tokens), tokens };
      return [{ ...what, requests: 1, firstMs: atMs, lastMs: atMs }];
    });
  }

  sessionSteps(scope: Scope): SessionStep[] {
    const meant = new Set(this.#within(scope).map(({ record }) => record.sessionId));
    return this.#within({ ...scope, endpoint: undefined, model: undefined }).flatMap(({ record }) => {
      const { sessionId: session, endpointId: endpoint, client, startedWallMs: atMs } = record;
      if (session === undefined || endpoint === undefined || !meant.has(session)) return [];
      return [{ session, client, endpoint, atMs }];
    });
  }

  transitions({ toMs, endpoint }: Scope): Transition[] {
    return this.#transitions.filter((one) => one.atMs < toMs && (endpoint ?? one.endpointId) === one.endpointId);
  }

  requests(page: PageRequest, order = new PageOrder('newest', {})): KeptRequest[] {
    const { from = 0, to = Number.MAX_SAFE_INTEGER, endpoint, model, session } = page;
    const found = this.#within({ fromMs: from, toMs: to, endpoint, model, session }).filter(({ record }) => {
      if (!isOneOf(page.end, requestEnd(record))) return false;
      return page.class === undefined || record.attempts.some((attempt) => isOneOf(page.class, attempt.class));
    });
    const cursor = order.parse(page.cursor);
    const left = cursor === undefined ? found : found.filter((one) => order.isAfter(one, cursor));
    return left.sort(order.compare).slice(0, page.limit);
  }

  #within({ fromMs, toMs, endpoint, model, session }: Scope): KeptRequest[] {
    return this.#requests.filter(({ record }) => {
      if (record.startedWallMs < fromMs || record.startedWallMs >= toMs) return false;
      if (!isOneOf(session, record.sessionId) || !isOneOf(endpoint, endpointOf(record))) return false;
      return model === undefined || modelOf(record) === model;
    });
  }
}

/** Whether a value is among the alternatives of a filter; without a filter any is. */
function isOneOf(filter: string | undefined, value: string | undefined): boolean {
  return filter === undefined || (value !== undefined && eachOf(filter).includes(value));
}
