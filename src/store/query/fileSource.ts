import { toldOf } from '../file/reasonColumns.ts';
import { readRequest } from '../file/requestRow.ts';
import type { StoreFile } from '../file/storeFile.ts';
import { troubleOf } from '../file/trouble.ts';
import type { Transition } from '../file/writer.ts';
import { Cells } from '../sums/cells.ts';
import type { KeptRequest } from '../sums/keptRequest.ts';
import { dayOf, type Level, levels } from '../sums/levels.ts';
import { EncodedSums } from '../sums/sums.ts';
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

type Row = Readonly<Record<string, unknown>>;
type Parameters = Record<string, string | number>;

/** Limits on the rows read for one session: for its sums, and for its bindings. */
const maxRowsOfSession = 20_000;
const maxSteps = 1000;
/** More than are shown, because sessions from memory are merged in. */
const maxSessions = 60;
const maxTransitions = 5000;
/** Rows of the shown sessions: one for each model that a session has used, of which there may be any number. */
const maxSessionRows = 5000;

/** Counts input like `tokensOf` in core/record/prices.ts. */
const inputTokens = `
CASE dialect
  WHEN 'openai' THEN max(0, coalesce(input, 0) - coalesce(cache_read, 0) - coalesce(cache_write, 0))
  ELSE coalesce(input, 0)
END`;

/** Answers queries from the file. */
export class FileSource implements Source {
  readonly #file: StoreFile;

  constructor(file: StoreFile) {
    this.#file = file;
  }

  visitSums(level: Level, scope: Scope, visit: SumsVisitor): void {
    if (scope.session !== undefined) {
      this.#visitSession(level, scope, visit);
      return;
    }
    const { id, of } = levels[level];
    const { where, values } = conditions(scope, { endpoint: 'endpoint', model: 'model' });
    const sql = `SELECT at, endpoint, model, sums FROM rollups
      WHERE level = ${id} AND at >= :first AND at < :end${where}`;
    const encoded = new EncodedSums();
    const end = level === 'day' ? of(scope.toMs - 1) + 1 : scope.toMs;
    for (const [at, endpoint, model, sums] of this.#lists(sql, { ...values, first: of(scope.fromMs), end })) {
      if (sums instanceof Uint8Array) visit(Number(at), String(endpoint), String(model), encoded.read(sums));
    }
  }

  sessions(level: Level, scope: Scope): SessionUse[] {
    const names = { endpoint: 'endpoint', session: 'session' };
    const isFine = level === 'minute' || scope.session !== undefined;
    const { where, values } = conditions(scope, { ...names, model: isFine ? 'sent_model' : 'model' });
    const fine = `
      SELECT session, sent_model AS model, band, max(client) AS client, count(*) AS requests,
        sum(${inputTokens}) AS input, sum(coalesce(output, 0)) AS output, sum(coalesce(cache_read, 0)) AS cache_read,
        sum(coalesce(cache_write, 0)) AS cache_write, sum(coalesce(cache_write_1h, 0)) AS cache_write_1h,
        min(started_ms) AS first_ms, max(started_ms) AS last_ms
      FROM requests WHERE started_ms >= :from AND started_ms < :to AND session IS NOT NULL${where}
        AND session IN (
          SELECT session FROM requests
          WHERE started_ms >= :from AND started_ms < :to AND session IS NOT NULL${where}
          GROUP BY session ORDER BY ${orderByTokens(inputTokens, 'coalesce(output, 0)', 'coalesce(cache_read, 0)', 'coalesce(cache_write, 0)')})
      GROUP BY session, sent_model, band ORDER BY requests DESC LIMIT ${maxSessionRows}`;
    const coarse = `
      SELECT session, model, band, max(client) AS client, sum(requests) AS requests,
        sum(input) AS input, sum(output) AS output, sum(cache_read) AS cache_read,
        sum(cache_write) AS cache_write, sum(cache_write_1h) AS cache_write_1h,
        min(first_ms) AS first_ms, max(last_ms) AS last_ms
      FROM session_days WHERE day >= :from AND day <= :to${where}
        AND session IN (
          SELECT session FROM session_days WHERE day >= :from AND day <= :to${where}
          GROUP BY session ORDER BY ${orderByTokens('input', 'output', 'cache_read', 'cache_write')})
      GROUP BY session, model, band ORDER BY requests DESC LIMIT ${maxSessionRows}`;
    const { fromMs, toMs } = scope;
    const range = isFine ? { from: fromMs, to: toMs } : { from: dayOf(fromMs), to: dayOf(toMs - 1) };
    return this.#rows(isFine ? fine : coarse, { ...values, ...range }).map(sessionUse);
  }

  sessionSteps(scope: Scope, sessions: number): SessionStep[] {
    const { where, values } = conditions(scope, { endpoint: 'endpoint', model: 'model', session: 'session' });
    const last = `
      SELECT session, max(client) AS client FROM session_days
      WHERE day >= :from AND day <= :to AND last_ms >= :fromMs AND first_ms < :toMs${where}
      GROUP BY session ORDER BY max(last_ms) DESC LIMIT ${sessions}`;
    const { fromMs, toMs } = scope;
    const range = { from: dayOf(fromMs), to: dayOf(toMs - 1), fromMs, toMs };
    const steps = `
      SELECT started_ms, answered_by FROM requests INDEXED BY requests_by_session
      WHERE session = :session AND started_ms >= :fromMs AND started_ms < :toMs AND answered_by IS NOT NULL
      ORDER BY started_ms DESC LIMIT ${maxSteps}`;
    return this.#rows(last, { ...values, ...range }).flatMap(({ session, client }) => {
      const rows = this.#rows(steps, { session: String(session), fromMs, toMs }).reverse();
      return rows.map((row) => ({
        session: String(session),
        client: typeof client === 'string' ? client : undefined,
        endpoint: String(row['answered_by']),
        atMs: Number(row['started_ms']),
      }));
    });
  }

  transitions({ fromMs, toMs, endpoint }: Scope): Transition[] {
    const { where, values } = conditions({ endpoint }, { endpoint: 'endpoint' });
    const before = `SELECT endpoint, state, reason, why, max(at_ms) AS at_ms FROM transitions
      WHERE at_ms < :fromMs${where} GROUP BY endpoint`;
    const within = `SELECT endpoint, state, reason, why, at_ms FROM transitions
      WHERE at_ms >= :fromMs AND at_ms < :toMs${where} ORDER BY at_ms DESC, seq DESC LIMIT ${maxTransitions}`;
    const rows = this.#rows(within, { ...values, fromMs, toMs }).reverse();
    return [...this.#rows(before, { ...values, fromMs }), ...rows].map((row) => ({
      atMs: Number(row['at_ms']),
      endpointId: String(row['endpoint']),
      state: row['state'] as Transition['state'],
      ...toldOf(row),
    }));
  }

  requests(page: PageRequest, order: PageOrder = byTime): KeptRequest[] {
    const names = { endpoint: 'endpoint', model: 'sent_model', session: 'session' };
    const { where, values } = conditions(page, names);
    const more: string[] = [];
    const cursor = order.parse(page.cursor);
    const { from = 0, to = Number.MAX_SAFE_INTEGER, limit } = page;
    // As a parameter: each text of a statement is kept, prepared.
    const parameters: Parameters = { ...values, from, to, limit };
    const figure = order.sql(this.#file);
    if (cursor !== undefined && figure !== undefined) {
      more.push(`AND (${figure}, started_ms, id) < (:cursorFigure, :cursorMs, :cursorId)`);
      Object.assign(parameters, { cursorFigure: cursor.figure, cursorMs: cursor.atMs, cursorId: cursor.id });
    } else if (cursor !== undefined) {
      // SQLite uses the first of two upper bounds: without this all earlier pages would be read again.
      parameters['to'] = Math.min(Number(parameters['to']), cursor.atMs + 1);
      more.push('AND (started_ms, id) < (:cursorMs, :cursorId)');
      parameters['cursorMs'] = cursor.atMs;
      parameters['cursorId'] = cursor.id;
    }
    if (page.end !== undefined) {
      // The extra condition lets SQLite use the partial index for failures.
      const isFailure = !eachOf(page.end).includes('ok');
      more.push(`AND ${isOneOf('end', ':requestEnd', page.end)}${isFailure ? " AND end <> 'ok'" : ''}`);
      parameters['requestEnd'] = oneOrList(page.end);
    }
    if (page.class !== undefined) {
      more.push(
        eachOf(page.class).includes('success')
          ? `AND EXISTS (SELECT 1 FROM attempts WHERE request = seq AND ${isOneOf('class', ':class', page.class)})`
          : // The unary plus keeps the order by time and uses the index only for membership.
            `AND +seq IN (SELECT request FROM attempts
              WHERE ${isOneOf('class', ':class', page.class)} AND class <> 'success')`,
      );
      parameters['class'] = oneOrList(page.class);
    }
    const sql = `SELECT * FROM requests WHERE started_ms >= :from AND started_ms < :to${where} ${more.join(' ')}
      ORDER BY ${figure === undefined ? '' : `${figure} DESC, `}started_ms DESC, id DESC LIMIT :limit`;
    return this.#rows(sql, parameters).map((row) => readRequest(this.#file, row));
  }

  #visitSession(level: Level, scope: Scope, visit: SumsVisitor): void {
    const cells = new Cells(levels[level].of);
    const { fromMs: from, toMs: to, session } = scope;
    for (const one of this.requests({ from, to, session, limit: maxRowsOfSession })) cells.add(one);
    visitCells(cells, scope, visit);
  }

  #rows(sql: string, parameters: Parameters): Row[] {
    try {
      return this.#file.prepare(sql).all(parameters);
    } catch (error) {
      throw troubleOf(error);
    }
  }

  /** Rows as arrays, which cost half as much as objects; one at a time, since there may be millions. */
  *#lists(sql: string, parameters: Parameters): Iterable<unknown[]> {
    try {
      const statement = this.#file.prepare(sql);
      statement.setReturnArrays(true);
      yield* statement.iterate(parameters) as unknown as Iterable<unknown[]>;
    } catch (error) {
      throw troubleOf(error);
    }
  }
}

const byTime = new PageOrder('newest', {});

function conditions(
  scope: Partial<Pick<Scope, 'endpoint' | 'model' | 'session'>>,
  columns: Partial<Record<'endpoint' | 'model' | 'session', string>>,
): { readonly where: string; readonly values: Parameters } {
  const values: Parameters = {};
  let where = '';
  for (const name of ['endpoint', 'model', 'session'] as const) {
    const value = scope[name];
    const column = columns[name];
    if (value === undefined || column === undefined) continue;
    const isList = name !== 'model';
    where += ` AND ${isList ? isOneOf(column, `:only_${name}`, value) : `${column} = :only_${name}`}`;
    values[`only_${name}`] = isList ? oneOrList(value) : value;
  }
  return { where, values };
}

/** A condition with one parameter however many alternatives there are: each text of a statement is kept, prepared. */
function isOneOf(column: string, parameter: string, filter: string): string {
  return eachOf(filter).length === 1
    ? `${column} = ${parameter}`
    : `${column} IN (SELECT value FROM json_each(${parameter}))`;
}

/** The value of that parameter. */
function oneOrList(filter: string): string {
  const each = eachOf(filter);
  return each.length === 1 ? filter : JSON.stringify(each);
}

/** An ORDER BY clause: most tokens first. */
function orderByTokens(...tokens: readonly string[]): string {
  return `sum(${tokens.join(' + ')}) DESC LIMIT ${maxSessions}`;
}

function sessionUse(row: Row): SessionUse {
  const number = (name: string): number => Number(row[name]);
  return {
    session: String(row['session']),
    client: typeof row['client'] === 'string' ? row['client'] : undefined,
    model: String(row['model']),
    band: number('band') as SessionUse['band'],
    requests: number('requests'),
    tokens: {
      input: number('input'),
      output: number('output'),
      cacheRead: number('cache_read'),
      cacheWrite: number('cache_write'),
      cacheWrite1h: number('cache_write_1h'),
    },
    firstMs: number('first_ms'),
    lastMs: number('last_ms'),
  };
}
